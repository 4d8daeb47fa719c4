"""Giving, taking back and using places at the same time: real threads, nothing twice."""

import uuid

import pytest

from activation_codes.models import BOXES
from activation_codes.services.codes import create_codes, save_settings
from activation_codes.settings import settings_of
from jasper_inventory.accounts.models import Level
from jasper_inventory.lib.exceptions import DomainError
from jasper_inventory.support.integrity import differences
from licenses.models import Order, Transfer
from licenses.services.enrollments import enroll_student
from licenses.services.orders import assign_order
from licenses.services.reclaims import take_back
from tests import factories
from tests.factories import CENTER, CODES
from tests.helpers import at_once, refusals
from tests.licenses.test_races import giving
from tests.licenses.test_sources import source_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def line(db):
    """A reseller's order of 10, given wholly to its hub, which has a center below."""
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
    source = source_of(reseller, kind, **size)
    child = giving(source, hub, by, **size, **users(source))()
    return {"source": source, "child": child, "center": center, "by": by}


def users(order):
    return {"users_per_code": 2, "duration": 60} if order.is_codes else {}


def taking_back(order, number, by, **values):
    order = Order.objects.get(pk=order.pk)
    return lambda: take_back(order=order, number=number, by=by, reason="Unused", **values)


def enrolling(order, by):
    order, user = Order.objects.get(pk=order.pk), factories.person()
    return lambda: enroll_student(order=order, user=user, by=by)


def one_refused(results):
    assert len(refusals(results)) == 1
    assert differences() == []


@pytest.mark.parametrize("kind", [CENTER, CODES])
def test_two_give_the_last_places_at_once(kind):
    hub = factories.organization(level=Level.HUB)
    by = factories.staff()
    size = {"students": 10} if kind == CENTER else {"number_of_codes": 10}
    source = source_of(hub, kind, **size)
    acts = [
        giving(source, factories.organization(parent=hub), by, **size, **users(source))
        for _at in range(2)
    ]
    one_refused(at_once(*acts, hold=source))
    assert Transfer.objects.count() == 1


@pytest.mark.parametrize("first", ["give", "enroll"])
def test_giving_the_last_place_while_somebody_takes_it(line, first):
    order, by = line["child"], line["by"]
    Order.objects.filter(pk=order.pk).update(students=1)
    Order.objects.filter(pk=line["source"].pk).update(given=1)
    acts = [giving(order, line["center"], by, students=1), enrolling(order, by)]
    one_refused(at_once(*(acts if first == "give" else acts[::-1]), hold=order))


@pytest.mark.parametrize("first", ["take back", "enroll"])
def test_taking_back_the_last_places_while_somebody_takes_one(line, first):
    order, by = line["child"], line["by"]
    acts = [taking_back(order, 10, by), enrolling(order, by)]
    one_refused(at_once(*(acts if first == "take back" else acts[::-1]), hold=order))


@pytest.mark.parametrize("first", ["take back", "give on"])
@pytest.mark.parametrize("lines", ["line", "code_line"])
def test_taking_back_while_they_are_given_further_down(request, lines, first):
    line = request.getfixturevalue(lines)
    order, by = line["child"], line["by"]
    size = {"number_of_codes": 10} if order.is_codes else {"students": 10}
    acts = [taking_back(order, 10, by), giving(order, line["center"], by, **size, **users(order))]
    one_refused(at_once(*(acts if first == "take back" else acts[::-1]), hold=order))


@pytest.mark.parametrize("first", ["take back", "create"])
def test_taking_back_codes_while_they_are_created(code_line, first):
    order, by = code_line["child"], code_line["by"]

    def create():
        return create_codes(order=Order.objects.get(pk=order.pk), by=by)

    acts = [taking_back(order, 10, by), create]
    one_refused(at_once(*(acts if first == "take back" else acts[::-1]), hold=order))


def test_two_take_back_the_same_places(line):
    order, by = line["child"], line["by"]
    one_refused(at_once(*(taking_back(order, 10, by) for _at in range(2)), hold=line["source"]))


def test_a_form_that_takes_back_sent_twice_at_once_takes_back_once(line):
    order, by, token = line["child"], line["by"], uuid.uuid4()
    acts = [taking_back(order, 10, by, form_token=token) for _at in range(2)]
    first, second = at_once(*acts, hold=line["source"])
    assert first == second
    assert differences() == []


def test_a_form_that_assigns_all_sent_twice_at_once_assigns_once(line):
    order, by, token = line["child"], line["by"], uuid.uuid4()
    mix = list(order.products.all())

    def assign():
        return assign_order(
            assigned_to=line["center"],
            inventory_type=order.inventory_type,
            products=mix,
            terms=factories.terms(students=10),
            by=by,
            source=order,
            form_token=token,
        )

    first, second = at_once(assign, assign, hold=order)
    assert first == second
    assert Order.objects.filter(source=order).count() == 1


def test_boxes_saved_while_an_order_is_carved_reach_it_or_not_but_never_later(code_line):
    order, by = code_line["child"], code_line["by"]
    off = dict.fromkeys(BOXES, False)

    def save():
        return save_settings(order=Order.objects.get(pk=order.pk), boxes=off, by=by)

    carved, _saved = at_once(
        giving(order, code_line["center"], by, number_of_codes=3, **users(order)), save, hold=order
    )
    assert not isinstance(carved, DomainError)
    # Carved first: it keeps the boxes as they were.
    assert settings_of(Order.objects.get(pk=carved.pk)).enable_benchmark
