"""An allocated order stays within its parent order, after every act on either."""

import pytest

from jasper_inventory.accounts.models import Level
from jasper_inventory.lib.exceptions import DomainError, NotAllowed
from licenses.models import Order
from licenses.services.enrollments import enroll_student
from licenses.services.order_edits import edit_order, set_active
from licenses.services.orders import assign_order
from licenses.services.requests import approve_request
from licenses.services.suspensions import suspend_order
from tests import factories
from tests.factories import CENTER, CODES
from tests.licenses.acts import allocate, edit, parent_of

pytestmark = pytest.mark.django_db


def left(parent):
    parent.refresh_from_db()
    return parent.codes_left if parent.is_codes else parent.seats_available


@pytest.mark.parametrize("kind", [CENTER, CODES])
def test_the_holder_allocates_seats_to_a_direct_child(kind, hub, center, hub_admin):
    parent = parent_of(hub, kind)
    child = allocate(parent, center, hub_admin.user, kind=kind)
    assert child.parent == parent
    assert child.assigned_by_organization == hub
    assert child.reviewed_by == hub_admin.user
    assert child.teacher_code != parent.teacher_code
    assert left(parent) == (6 if kind == CODES else 60)
    assert parent.seats_taken == (8 if kind == CODES else 40)


def test_taken_seats_are_students_and_allocated_seats(hub, center, hub_admin):
    parent = parent_of(hub)
    enroll_student(order=parent, user=factories.person(), by=hub_admin.user)
    allocate(parent, center, hub_admin.user)
    assert left(parent) == 59
    with pytest.raises(DomainError, match="has only 59 left; this needs 60") as refusal:
        allocate(parent, center, hub_admin.user, students=60)
    assert refusal.value.field == "students"
    allocate(parent, center, hub_admin.user, students=59)
    assert left(parent) == 0


def test_created_codes_cannot_be_allocated(hub, center, hub_admin):
    parent = parent_of(hub, CODES, number_of_codes=4)
    factories.codes(parent)
    edit(parent, factories.staff(), number_of_codes=7)
    with pytest.raises(DomainError, match="has only 3 left; this needs 4") as refusal:
        allocate(parent, center, hub_admin.user)
    assert refusal.value.field == "number_of_codes"
    allocate(parent, center, hub_admin.user, number_of_codes=3)
    assert left(parent) == 0


def test_a_center_cannot_allocate_from_its_hubs_order(hub, center, admin):
    with pytest.raises(NotAllowed):
        allocate(parent_of(hub), center, admin.user)


def test_a_hub_allocates_to_direct_children_only(hub, center, hub_admin):
    parent = parent_of(hub)
    elsewhere = factories.organization()
    for to in (elsewhere, hub, factories.organization(parent=elsewhere.supplier)):
        with pytest.raises(DomainError, match="direct sub-organizations") as refusal:
            allocate(parent, to, hub_admin.user)
        assert refusal.value.field == "assigned_to"


def test_a_distributor_does_not_skip_the_hub_between():
    distributor = factories.organization(level=Level.DISTRIBUTOR)
    hub = factories.organization(level=Level.HUB, parent=distributor)
    center = factories.organization(parent=hub)
    with pytest.raises(DomainError, match="direct sub-organizations"):
        allocate(parent_of(distributor), center, factories.member(distributor).user)


@pytest.mark.parametrize("state", ["inactive", "suspended", "scheduled", "expired"])
def test_nothing_is_allocated_from_an_order_that_is_not_in_force(hub, center, hub_admin, state):
    staff = factories.staff()
    parent = parent_of(hub)
    # The holder's other orders make no difference.
    parent_of(hub)
    if state == "inactive":
        set_active(order=parent, is_active=False, by=staff)
    elif state == "suspended":
        suspend_order(order=parent, by=staff, reason="Unpaid")
    else:
        start, finish = (1, 9) if state == "scheduled" else (-9, -1)
        parent = edit(
            parent, staff, start_date=factories.days(start), finish_date=factories.days(finish)
        )
    with pytest.raises(DomainError, match="isn't in force") as refusal:
        allocate(parent, center, hub_admin.user)
    assert refusal.value.field == "parent"


def test_a_parent_order_suspended_since_it_was_loaded_allocates_nothing(hub, center, hub_admin):
    parent = parent_of(hub)
    stale = Order.objects.get(pk=parent.pk)
    suspend_order(order=parent, by=factories.staff(), reason="Unpaid")
    with pytest.raises(DomainError, match="isn't in force"):
        allocate(stale, center, hub_admin.user)


def test_the_inventory_type_is_that_of_the_parent_order(hub, center, hub_admin):
    with pytest.raises(DomainError, match="different inventory type") as refusal:
        allocate(parent_of(hub), center, hub_admin.user, kind=CODES)
    assert refusal.value.field == "parent"


def test_products_are_a_subset_of_those_of_the_parent_order(hub, center, hub_admin):
    parent = parent_of(hub)
    one, two = parent.products.all()
    child = allocate(parent, center, hub_admin.user, products=[one])
    assert list(child.products.all()) == [one]
    with pytest.raises(DomainError, match="Not all of these products") as refusal:
        allocate(parent, center, hub_admin.user, products=[one, *factories.products(1)])
    assert refusal.value.field == "products"


@pytest.mark.parametrize(
    ("start", "finish", "field"),
    [(-11, 100, "start_date"), (-10, 101, "finish_date"), (101, 102, "start_date")],
)
def test_dates_are_within_those_of_the_parent_order(hub, center, hub_admin, start, finish, field):
    parent = parent_of(hub)
    with pytest.raises(DomainError, match="The parent order runs from") as refusal:
        allocate(
            parent,
            center,
            hub_admin.user,
            start_date=factories.days(start),
            finish_date=factories.days(finish),
        )
    assert refusal.value.field == field


def test_users_per_code_are_those_of_the_parent_order(hub, center, hub_admin):
    with pytest.raises(DomainError, match="Users per code must be 2") as refusal:
        allocate(parent_of(hub, CODES), center, hub_admin.user, users_per_code=1)
    assert refusal.value.field == "users_per_code"


def test_the_duration_is_at_most_that_of_the_parent_order(hub, center, hub_admin):
    parent = parent_of(hub, CODES)
    allocate(parent, center, hub_admin.user, duration=30)
    with pytest.raises(DomainError, match="at most 60 days") as refusal:
        allocate(parent, center, hub_admin.user, duration=61)
    assert refusal.value.field == "duration"


def test_an_unlimited_parent_order_allocates_limited_and_unlimited_orders(hub, center, hub_admin):
    parent = parent_of(hub, students=None)
    allocate(parent, center, hub_admin.user)
    allocate(parent, center, hub_admin.user, students=None)
    parent.refresh_from_db()
    assert (parent.allocated, parent.seats_available) == (40, None)


def test_a_limited_parent_order_allocates_limited_orders_only(hub, center, hub_admin):
    with pytest.raises(DomainError, match="this license can't be unlimited") as refusal:
        allocate(parent_of(hub), center, hub_admin.user, students=None)
    assert refusal.value.field == "students"


def test_a_refused_order_takes_no_seats(hub, center, hub_admin):
    parent = parent_of(hub)
    with pytest.raises(DomainError):
        assign_order(
            assigned_to=center,
            inventory_type=CENTER,
            products=list(parent.products.all()),
            terms=factories.terms(students=40),
            by=hub_admin.user,
            parent=parent,
            teacher_code="bad",
        )
    assert left(parent) == 100


# Editing a child


def test_editing_a_child_takes_or_returns_seats(hub, center, hub_admin, staff):
    parent = parent_of(hub)
    child = allocate(parent, center, hub_admin.user)
    edit(child, staff, students=70)
    assert left(parent) == 30
    edit(child, staff, students=10)
    assert left(parent) == 90
    with pytest.raises(DomainError, match="has only 90 left; this needs 91"):
        edit(child, staff, students=101)
    assert left(parent) == 90
    edit(child, staff, students=100)
    assert left(parent) == 0


def test_editing_codes_of_a_child_takes_or_returns_codes(hub, center, hub_admin, staff):
    parent = parent_of(hub, CODES)
    child = allocate(parent, center, hub_admin.user)
    edit(child, staff, number_of_codes=10)
    assert left(parent) == 0
    edit(child, staff, number_of_codes=1)
    assert left(parent) == 9
    edit(child, staff, number_of_codes=3)
    factories.codes(child)
    with pytest.raises(DomainError, match="fewer than the codes created"):
        edit(child, staff, number_of_codes=2)
    assert left(parent) == 7


def test_an_unlimited_child_counts_nothing(hub, center, hub_admin, staff):
    parent = parent_of(hub, students=None)
    child = allocate(parent, center, hub_admin.user)
    edit(child, staff, students=None)
    parent.refresh_from_db()
    assert parent.allocated == 0
    edit(child, staff, students=5)
    parent.refresh_from_db()
    assert parent.allocated == 5


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"start_date": factories.days(-11)}, "start_date"),
        ({"finish_date": factories.days(101)}, "finish_date"),
        ({"students": None}, "students"),
    ],
)
def test_an_edited_child_stays_within_its_parent_order(
    hub, center, hub_admin, staff, values, field
):
    child = allocate(parent_of(hub), center, hub_admin.user)
    with pytest.raises(DomainError) as refusal:
        edit(child, staff, **values)
    assert refusal.value.field == field


def test_a_child_gets_no_product_that_its_parent_order_lacks(hub, center, hub_admin, staff):
    child = allocate(parent_of(hub), center, hub_admin.user)
    with pytest.raises(DomainError, match="Not all of these products"):
        edit(child, staff, products=factories.products(1))


def test_a_request_loaded_before_it_was_approved_is_edited_within_its_parent_order(
    hub, admin, hub_admin, staff
):
    parent = parent_of(hub)
    request = factories.license_request(membership=admin, product_mix=list(parent.products.all()))
    stale = Order.objects.get(pk=request.pk)
    approve_request(
        request=request,
        by=hub_admin.user,
        parent=parent,
        terms=factories.terms(students=40),
    )
    with pytest.raises(DomainError, match="has only 60 left"):
        edit_order(order=stale, by=staff, students=101)


# Editing a parent order


def test_a_parent_order_cannot_shrink_past_its_children(hub, center, hub_admin, staff):
    parent = parent_of(hub)
    allocate(parent, center, hub_admin.user)
    edit(parent, staff, students=40)
    with pytest.raises(DomainError, match="fewer than the seats in use"):
        edit(parent, staff, students=39)


def test_a_parent_orders_dates_stay_around_its_children(hub, center, hub_admin, staff):
    parent = parent_of(hub)
    allocate(
        parent,
        center,
        hub_admin.user,
        start_date=factories.days(1),
        finish_date=factories.days(50),
    )
    edit(parent, staff, start_date=factories.days(1), finish_date=factories.days(50))
    with pytest.raises(DomainError, match="starts on") as refusal:
        edit(parent, staff, start_date=factories.days(2))
    assert refusal.value.field == "start_date"
    with pytest.raises(DomainError, match="finishes on") as refusal:
        edit(parent, staff, finish_date=factories.days(49))
    assert refusal.value.field == "finish_date"


def test_a_parent_order_keeps_the_products_of_its_children(hub, center, hub_admin, staff):
    parent = parent_of(hub)
    one, two = parent.products.all()
    allocate(parent, center, hub_admin.user, products=[one])
    edit(parent, staff, products=[one])
    with pytest.raises(DomainError, match="has a product that you removed") as refusal:
        edit(parent, staff, products=[two])
    assert refusal.value.field == "products"


def test_a_parent_order_of_codes_keeps_users_and_duration_of_its_children(
    hub, center, hub_admin, staff
):
    parent = parent_of(hub, CODES)
    allocate(parent, center, hub_admin.user, duration=30)
    with pytest.raises(DomainError, match="same users per code"):
        edit(parent, staff, users_per_code=3)
    edit(parent, staff, duration=30)
    with pytest.raises(DomainError, match="has a duration of 30 days"):
        edit(parent, staff, duration=29)


def test_a_parent_order_with_an_unlimited_child_stays_unlimited(hub, center, hub_admin, staff):
    parent = parent_of(hub, students=None)
    allocate(parent, center, hub_admin.user, students=None)
    with pytest.raises(DomainError, match="this one must stay unlimited") as refusal:
        edit(parent, staff, students=1_000)
    assert refusal.value.field == "students"
