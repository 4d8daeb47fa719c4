"""The database computes the seats of an order: the rule, and that each write follows it."""

import random

import pytest
from django.apps import apps
from django.db.models import F

from licenses.models import Order, OrderStatus, Outcome
from tests import factories
from tests.factories import CENTER, CODES
from tests.helpers import change

pytestmark = pytest.mark.django_db

SEATS = ("seats", "seats_taken", "seats_available")


def by_rule(order):
    """The seats of an order, total, taken and available, as the docs define them."""
    if order.inventory_type == CODES:
        users = order.users_per_code or 0
        taken = order.enrolled + order.codes_allocated * users
        seats = order.number_of_codes and order.number_of_codes * users
    else:
        taken = order.enrolled + order.allocated
        seats = order.students
    return seats, taken, None if seats is None else seats - taken


def center_facts(draw):
    """The terms and counters of a center license: unlimited, emptied, full or neither."""
    students = draw.choice([None, 0, 1, draw.randint(2, 1_000_000)])
    most = 1_000_000 if students is None else students
    enrolled = draw.choice([0, most, draw.randint(0, most)])
    allocated = draw.choice([0, most - enrolled, draw.randint(0, most - enrolled)])
    return {"students": students, "enrolled": enrolled, "allocated": allocated}


def codes_facts(draw):
    """The same for user activation codes, up to the greatest possible numbers."""
    number = draw.choice([0, 1, draw.randint(2, 1_000_000)])
    users = draw.choice([1, 10_000, draw.randint(1, 10_000)])
    allocated = draw.choice([0, number, draw.randint(0, number)])
    created = draw.choice([0, number - allocated, draw.randint(0, number - allocated)])
    most = created * users
    return {
        "number_of_codes": number,
        "users_per_code": users,
        "codes_allocated": allocated,
        "codes_created": created,
        "enrolled": draw.choice([0, most, draw.randint(0, most)]),
    }


@pytest.fixture
def orders():
    """Running orders of both types with random terms and counters."""
    draw = random.Random(10)
    pattern = {kind: factories.order(kind) for kind in (CENTER, CODES)}
    drawn = []
    for kind, facts in ((CENTER, center_facts), (CODES, codes_facts)):
        for _number in range(150):
            order = Order.objects.get(pk=pattern[kind].pk)
            order.pk = order._state.db = None
            order._state.adding = True
            order.number = None
            for name, value in facts(draw).items():
                setattr(order, name, value)
            drawn.append(order)
    first = Order.objects.latest("number").number + 1
    for at, order in enumerate(drawn):
        order.number = first + at
    return Order.objects.bulk_create(drawn)


def of(order):
    return tuple(getattr(order, name) for name in SEATS)


def test_the_columns_agree_with_the_rule(orders):
    read = Order.objects.filter(pk__in=[order.pk for order in orders])
    assert len(read) == 300
    assert [of(order) for order in read] == [by_rule(order) for order in read]
    # Also computed in the statement that wrote the rows.
    assert [of(order) for order in orders] == [by_rule(order) for order in orders]


def test_an_order_is_depleted_exactly_if_no_seat_is_available(orders):
    status = dict(Order.objects.with_status(factories.today()).values_list("pk", "status"))
    full = {order.pk for order in orders if by_rule(order)[2] == 0}
    assert len(full) > 20
    for order in orders:
        expected = OrderStatus.DEPLETED if order.pk in full else OrderStatus.AVAILABLE
        assert status[order.pk] == expected, by_rule(order)


@pytest.mark.parametrize("kind", [CENTER, CODES])
@pytest.mark.parametrize("outcome", [Outcome.PENDING, Outcome.REJECTED])
def test_a_request_not_granted_has_no_number_of_seats(kind, outcome):
    order = factories.license_request(kind)
    if outcome == Outcome.REJECTED:
        change(
            order, outcome=outcome, reviewed_by=order.requested_by, reviewed_at=order.requested_at
        )
    order.refresh_from_db()
    assert of(order) == (None, 0, None)


def test_they_follow_every_way_to_write_a_row():
    order = factories.order(students=10)
    assert of(order) == (10, 0, 10)
    order.enrolled = 4
    order.save(update_fields=["enrolled"])
    assert of(order) == (10, 4, 6)
    order.students = 8
    order.save()
    assert of(order) == (8, 4, 4)
    Order.objects.filter(pk=order.pk).update(allocated=F("allocated") + 3)
    order.refresh_from_db()
    assert of(order) == (8, 7, 1)
    order.students = None
    Order.objects.bulk_update([order], ["students"])
    order.refresh_from_db()
    assert of(order) == (None, 7, None)


def test_a_change_costs_no_query_more_unless_they_are_read(django_assert_num_queries):
    order = factories.order()
    with django_assert_num_queries(1):
        order.save(update_fields=["enrolled"])
    with django_assert_num_queries(1):
        assert order.seats_available == order.seats_available == order.students


def test_history_leaves_them_out():
    event = apps.get_model("licenses", "OrderEvent")
    names = {field.name for field in event._meta.get_fields()}
    assert names.isdisjoint(SEATS)
    order = factories.order()
    before = order.events.count()
    change(order, enrolled=1)
    assert order.events.count() == before + 1
