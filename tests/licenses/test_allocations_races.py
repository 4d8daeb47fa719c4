"""Allocating, reclaiming and taking seats at the same time: real threads, nothing twice."""

import pytest

from activation_codes.services.codes import create_codes, save_settings
from jasper_inventory.accounts.models import Level
from jasper_inventory.lib.exceptions import DomainError
from jasper_inventory.support.integrity import differences
from licenses.models import Order, Transfer
from licenses.models.code_settings import CODE_SETTINGS
from licenses.services.enrollments import enroll_student
from licenses.services.reclaims import reclaim_seats
from tests import factories
from tests.factories import CENTER, CODES
from tests.helpers import at_once, refusals
from tests.licenses.acts import allocating, parent_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def line(db):
    """A reseller's order of 10, allocated entirely to its hub, which has a center."""
    return lined_up(CENTER)


@pytest.fixture
def code_line(db):
    return lined_up(CODES)


def lined_up(kind):
    reseller = factories.organization(level=Level.RESELLER)
    hub = factories.organization(level=Level.HUB, parent=reseller)
    center = factories.organization(parent=hub)
    by = factories.staff()
    size = {"students": 10} if kind == CENTER else {"number_of_codes": 10}
    parent = parent_of(reseller, kind, **size)
    child = allocating(parent, hub, by, **size, **users(parent))()
    return {"parent": parent, "child": child, "center": center, "by": by}


def users(order):
    return {"users_per_code": 2, "duration": 60} if order.is_codes else {}


def reclaiming(order, number, by, **values):
    order = Order.objects.get(pk=order.pk)
    return lambda: reclaim_seats(order=order, number=number, by=by, reason="Unused", **values)


def enrolling(order, by):
    order, user = Order.objects.get(pk=order.pk), factories.person()
    return lambda: enroll_student(order=order, user=user, by=by)


def one_refused(results):
    assert len(refusals(results)) == 1
    assert differences() == []


@pytest.mark.parametrize("kind", [CENTER, CODES])
def test_two_allocate_the_last_seats_at_once(kind):
    hub = factories.organization(level=Level.HUB)
    by = factories.staff()
    size = {"students": 10} if kind == CENTER else {"number_of_codes": 10}
    parent = parent_of(hub, kind, **size)
    acts = [
        allocating(parent, factories.organization(parent=hub), by, **size, **users(parent))
        for _at in range(2)
    ]
    one_refused(at_once(*acts, hold=parent))
    assert Transfer.objects.count() == 1


@pytest.mark.parametrize("first", ["allocate", "enroll"])
def test_allocating_the_last_seat_while_somebody_takes_it(line, first):
    order, by = line["child"], line["by"]
    Order.objects.filter(pk=order.pk).update(students=1)
    Order.objects.filter(pk=line["parent"].pk).update(allocated=1)
    acts = [allocating(order, line["center"], by, students=1), enrolling(order, by)]
    one_refused(at_once(*(acts if first == "allocate" else acts[::-1]), hold=order))


@pytest.mark.parametrize("first", ["take back", "enroll"])
def test_reclaiming_the_last_seats_while_somebody_takes_one(line, first):
    order, by = line["child"], line["by"]
    acts = [reclaiming(order, 10, by), enrolling(order, by)]
    one_refused(at_once(*(acts if first == "take back" else acts[::-1]), hold=order))


@pytest.mark.parametrize("first", ["take back", "give on"])
@pytest.mark.parametrize("lines", ["line", "code_line"])
def test_reclaiming_while_they_are_allocated_further_down(request, lines, first):
    line = request.getfixturevalue(lines)
    order, by = line["child"], line["by"]
    size = {"number_of_codes": 10} if order.is_codes else {"students": 10}
    acts = [
        reclaiming(order, 10, by),
        allocating(order, line["center"], by, **size, **users(order)),
    ]
    one_refused(at_once(*(acts if first == "take back" else acts[::-1]), hold=order))


@pytest.mark.parametrize("first", ["take back", "create"])
def test_reclaiming_codes_while_they_are_created(code_line, first):
    order, by = code_line["child"], code_line["by"]

    def create():
        return create_codes(order=Order.objects.get(pk=order.pk), by=by)

    acts = [reclaiming(order, 10, by), create]
    one_refused(at_once(*(acts if first == "take back" else acts[::-1]), hold=order))


def test_two_reclaim_the_same_seats(line):
    order, by = line["child"], line["by"]
    one_refused(at_once(*(reclaiming(order, 10, by) for _at in range(2)), hold=line["parent"]))


def test_boxes_saved_while_an_order_is_allocated_reach_it_or_not_but_never_later(code_line):
    order, by = code_line["child"], code_line["by"]
    off = dict.fromkeys(CODE_SETTINGS, False)

    def save():
        return save_settings(order=Order.objects.get(pk=order.pk), boxes=off, by=by)

    allocated_child, _saved = at_once(
        allocating(order, code_line["center"], by, number_of_codes=3, **users(order)),
        save,
        hold=order,
    )
    assert not isinstance(allocated_child, DomainError)
    # Allocated first: it keeps the boxes as they were.
    assert Order.objects.get(pk=allocated_child.pk).enable_benchmark
