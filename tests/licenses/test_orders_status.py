"""The order's status is derived: a table around the boundary days, and one precedence."""

import re
from datetime import date, timedelta
from itertools import combinations

import pytest
from django.conf import settings
from django.utils import timezone

from jasper_inventory.accounts.models import Level
from licenses.models import Order, OrderStatus, Outcome
from licenses.models.order_status import ENDED, IN_FORCE, NOT_IN_USE, STARTS_LATER, USABLE
from licenses.services.order_edits import set_active
from licenses.services.suspensions import resume_order, suspend_order
from tests import factories
from tests.factories import CENTER, CODES

pytestmark = pytest.mark.django_db

DAY = date(2017, 9, 28)


def on(number):
    return DAY + timedelta(days=number)


def order_with(kind=CENTER, **facts):
    """An approved order that runs around DAY, with these values in its row."""
    order = factories.order(kind, by=factories.staff())
    facts = {"start_date": on(-10), "finish_date": on(10), **facts}
    if facts.get("suspended_at"):
        facts |= {
            "suspended_by": order.reviewed_by,
            "suspended_by_organization": order.assigned_by_organization,
            "suspension_reason": "unpaid",
        }
    Order.objects.filter(pk=order.pk).update(**facts)
    return order


def request_with(outcome, **facts):
    """A request for a new license, with this outcome and these values in its row."""
    order = factories.license_request()
    reviewed = {"reviewed_by": order.requested_by, "reviewed_at": timezone.now()}
    facts |= {} if outcome == Outcome.PENDING else reviewed
    Order.objects.filter(pk=order.pk).update(outcome=outcome, **facts)
    return order


@pytest.mark.parametrize(
    ("start", "finish", "status"),
    [
        (0, 0, OrderStatus.AVAILABLE),
        (0, 1, OrderStatus.AVAILABLE),
        (-1, 0, OrderStatus.AVAILABLE),
        (-1, -1, OrderStatus.EXPIRED),
        (-100, -1, OrderStatus.EXPIRED),
        (1, 1, OrderStatus.SCHEDULED),
        (1, 100, OrderStatus.SCHEDULED),
    ],
)
@pytest.mark.parametrize("kind", [CENTER, CODES])
def test_start_and_finish_are_inclusive(kind, start, finish, status):
    order = order_with(kind, start_date=on(start), finish_date=on(finish))
    assert order.status_on(DAY) == status
    in_force = Order.objects.in_force(DAY).filter(pk=order.pk).exists()
    assert in_force == (status == OrderStatus.AVAILABLE)


@pytest.mark.parametrize(
    ("outcome", "status"),
    [
        (Outcome.PENDING, OrderStatus.REQUESTED),
        (Outcome.REJECTED, OrderStatus.REJECTED),
        (Outcome.WITHDRAWN, OrderStatus.WITHDRAWN),
    ],
)
def test_the_outcome_of_a_request_is_first(outcome, status):
    facts = {"start_date": on(-10), "finish_date": on(-1), "students": 1}
    assert request_with(outcome).status_on(DAY) == status
    assert request_with(outcome, **facts).status_on(DAY) == status


# In the order of precedence; Expired and Scheduled exclude each other.
FACTS = {
    OrderStatus.EXPIRED: {"finish_date": on(-1)},
    OrderStatus.SUSPENDED: {"suspended_at": timezone.now()},
    OrderStatus.INACTIVE: {"is_active": False},
    OrderStatus.SCHEDULED: {"start_date": on(1)},
    OrderStatus.DEPLETED: {"students": 3, "enrolled": 3},
}


@pytest.mark.parametrize("status", FACTS)
def test_each_status_follows_from_its_own_fact(status):
    assert order_with(**FACTS[status]).status_on(DAY) == status


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pair
        for pair in combinations(FACTS, 2)
        if set(pair) != {OrderStatus.EXPIRED, OrderStatus.SCHEDULED}
    ],
)
def test_the_earlier_status_is_before_the_later_one(first, second):
    assert order_with(**FACTS[second], **FACTS[first]).status_on(DAY) == first


@pytest.mark.parametrize(
    ("students", "enrolled", "allocated", "status"),
    [
        (10, 9, 0, OrderStatus.AVAILABLE),
        (10, 10, 0, OrderStatus.DEPLETED),
        (10, 0, 9, OrderStatus.AVAILABLE),
        (10, 0, 10, OrderStatus.DEPLETED),
        (10, 4, 5, OrderStatus.AVAILABLE),
        (10, 4, 6, OrderStatus.DEPLETED),
        (None, 0, 0, OrderStatus.AVAILABLE),
        (None, 5_000, 5_000, OrderStatus.AVAILABLE),
    ],
)
def test_a_center_license_is_depleted_when_no_seat_is_left(students, enrolled, allocated, status):
    order = order_with(students=students, enrolled=enrolled, allocated=allocated)
    assert order.status_on(DAY) == status
    order.refresh_from_db()
    assert (order.seats_available == 0) == (status == OrderStatus.DEPLETED)


@pytest.mark.parametrize(
    ("created", "allocated", "enrolled", "status"),
    [
        (0, 0, 0, OrderStatus.AVAILABLE),
        (5, 0, 0, OrderStatus.AVAILABLE),
        (5, 0, 9, OrderStatus.AVAILABLE),
        (5, 0, 10, OrderStatus.DEPLETED),
        (2, 0, 4, OrderStatus.AVAILABLE),
        (2, 3, 3, OrderStatus.AVAILABLE),
        (2, 3, 4, OrderStatus.DEPLETED),
        (0, 4, 0, OrderStatus.AVAILABLE),
        (0, 5, 0, OrderStatus.DEPLETED),
    ],
)
def test_codes_are_depleted_when_no_use_is_left(created, allocated, enrolled, status):
    """Five codes for two each; a code that isn't created yet still has its seats."""
    facts = {"codes_created": created, "codes_allocated": allocated, "enrolled": enrolled}
    order = order_with(CODES, number_of_codes=5, users_per_code=2, **facts)
    assert order.status_on(DAY) == status
    order.refresh_from_db()
    assert (order.seats_available == 0) == (status == OrderStatus.DEPLETED)


def test_suspended_reaches_everything_allocated_from_the_order(hub, center):
    staff = factories.staff()
    mix = factories.products()
    parent = factories.order(assigned_to=hub, product_mix=mix, by=staff)
    child = factories.order(
        assigned_to=center, parent=parent, product_mix=mix, students=10, by=staff
    )
    today = factories.today()
    suspend_order(order=parent, by=staff, reason="Unpaid")
    assert child.status_on(today) == OrderStatus.SUSPENDED
    assert not Order.objects.in_force(today).filter(pk=child.pk).exists()
    resume_order(order=parent, by=staff)
    assert child.status_on(today) == OrderStatus.AVAILABLE


def test_inactive_does_not_reach_the_orders_allocated_from_it(hub, center):
    staff = factories.staff()
    mix = factories.products()
    parent = factories.order(assigned_to=hub, product_mix=mix, by=staff)
    child = factories.order(
        assigned_to=center, parent=parent, product_mix=mix, students=10, by=staff
    )
    set_active(order=parent, is_active=False, by=staff)
    today = factories.today()
    assert parent.status_on(today) == OrderStatus.INACTIVE
    assert child.status_on(today) == OrderStatus.AVAILABLE


def test_in_force_needs_no_seat_left():
    order = order_with(students=3, enrolled=3)
    assert order.status_on(DAY) == OrderStatus.DEPLETED
    assert Order.objects.in_force(DAY).get() == order
    assert not Order.objects.available(DAY).exists()


@pytest.mark.parametrize("status", [status for status in FACTS if status != OrderStatus.DEPLETED])
def test_no_other_orders_are_in_force(status):
    order_with(**FACTS[status])
    assert not Order.objects.in_force(DAY).exists()


@pytest.mark.parametrize("outcome", [Outcome.PENDING, Outcome.REJECTED, Outcome.WITHDRAWN])
def test_only_approved_orders_are_in_force(outcome):
    request_with(outcome, start_date=on(-1), finish_date=on(1))
    assert not Order.objects.in_force(DAY).exists()
    assert not Order.objects.available(DAY).exists()


def test_one_definition_serves_filters_and_counts():
    for facts in ({}, *FACTS.values()):
        order_with(**facts)
    for outcome in (Outcome.PENDING, Outcome.REJECTED, Outcome.WITHDRAWN):
        request_with(outcome)
    found = Order.objects.with_status(DAY)
    assert {order.status for order in found} == set(OrderStatus)
    for status in OrderStatus:
        assert found.filter(status=status).count() == 1
    assert Order.objects.available(DAY).count() == 1


def test_an_unlimited_order_is_found_by_its_status():
    order = order_with(students=None)

    assert order.status_on(DAY) == OrderStatus.AVAILABLE
    for status in OrderStatus:
        expected = [order] if status == OrderStatus.AVAILABLE else []
        assert list(Order.objects.in_status(DAY, status)) == expected


@pytest.mark.parametrize(
    ("finish", "days"),
    [
        (date(2019, 9, 27), 729),
        (date(2018, 7, 21), 296),
        (date(2017, 9, 29), 1),
        (date(2017, 9, 28), 0),
        (date(2017, 9, 27), 0),
        (date(2011, 1, 1), 0),
    ],
)
def test_remaining_days_are_finish_minus_today_and_never_below_0(finish, days):
    order_with(start_date=date(2011, 1, 1), finish_date=finish)
    assert Order.objects.with_remaining_days(DAY).get().remaining_days == days


def test_a_request_without_dates_has_no_remaining_days():
    factories.license_request()
    assert Order.objects.with_remaining_days(DAY).get().remaining_days is None


def test_the_status_of_a_hub_s_inventory_costs_one_query(hub, django_assert_num_queries):
    for _ in range(3):
        factories.order(assigned_to=factories.organization(level=Level.CENTER, parent=hub))
    with django_assert_num_queries(1):
        today = factories.today()
        orders = Order.objects.with_status(today).with_remaining_days(today).with_teachers()
        assert len(list(orders.with_was_renewed())) == 3


def test_no_template_compares_a_status_with_a_literal():
    """Templates ask a property of the order, which asks a group of statuses."""
    values = "|".join(OrderStatus.values)
    compared = re.compile(rf"""{{%\s*(?:el)?if\b[^%]*["'](?:{values})["']""")
    templates = {
        path: path.read_text()
        for path in (settings.BASE_DIR / "templates").rglob("*")
        if path.is_file()
    }

    assert any("order.has_ended" in text for text in templates.values())
    assert [path.name for path, text in templates.items() if compared.search(text)] == []


@pytest.mark.parametrize("status", OrderStatus)
def test_the_properties_of_a_status_are_its_groups(status):
    order = Order()
    order.status = status

    assert order.has_ended == (status in ENDED)
    assert order.starts_later == (status in STARTS_LATER)
    assert order.is_usable == (status in USABLE)


def test_every_status_is_in_one_group():
    never_granted = (OrderStatus.REQUESTED, OrderStatus.REJECTED, OrderStatus.WITHDRAWN)
    assert sorted([*IN_FORCE, *NOT_IN_USE, *ENDED, *never_granted]) == sorted(OrderStatus)
    assert set(USABLE) < set(IN_FORCE)
