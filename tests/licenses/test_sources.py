"""An order that is carved from another lies inside it, whatever is done to either."""

import pytest

from jasper_inventory.accounts.models import Level
from jasper_inventory.lib.exceptions import DomainError, NotAllowed
from licenses.models import Order
from licenses.services.enrollments import enroll_student
from licenses.services.order_edits import edit_order, set_active
from licenses.services.orders import assign_order
from licenses.services.requests import approve_order
from licenses.services.suspensions import suspend_order
from tests import factories
from tests.factories import CENTER, CODES
from tests.licenses.test_order_services import edit

pytestmark = pytest.mark.django_db


def source_of(hub, kind=CENTER, **values):
    """An order of the hub to give from: 100 students, or 10 codes for 2 each."""
    if kind == CODES:
        values = {"number_of_codes": 10, "users_per_code": 2, "duration": 60, **values}
    return factories.order(kind, assigned_to=hub, **values)


def give(source, to, by, *, products=None, kind=None, **terms):
    """Assign an order to `to`, out of `source`; its terms as the source's where not said."""
    kind = kind or source.inventory_type
    if kind == CODES:
        terms = {"number_of_codes": 4, "users_per_code": 2, "duration": 60, **terms}
    else:
        terms = {"students": 40, **terms}
    terms.setdefault("start_date", source.start_date)
    terms.setdefault("finish_date", source.finish_date)
    return assign_order(
        assigned_to=to,
        inventory_type=kind,
        products=list(source.products.all()) if products is None else products,
        terms=factories.Terms(**terms),
        by=by,
        source=source,
    )


def left(source):
    source.refresh_from_db()
    return source.codes_left if source.is_codes else source.free


@pytest.mark.parametrize("kind", [CENTER, CODES])
def test_the_holder_gives_places_on_to_a_direct_child(kind, hub, center, hub_admin):
    source = source_of(hub, kind)
    child = give(source, center, hub_admin.user, kind=kind)
    assert child.source == source
    assert child.assigned_by_organization == hub
    assert child.decided_by == hub_admin.user
    assert child.teacher_code != source.teacher_code
    assert left(source) == (6 if kind == CODES else 60)
    assert source.taken == (8 if kind == CODES else 40)


def test_places_taken_are_students_and_places_given(hub, center, hub_admin):
    source = source_of(hub)
    enroll_student(order=source, user=factories.person(), by=hub_admin.user)
    give(source, center, hub_admin.user)
    assert left(source) == 59
    with pytest.raises(DomainError, match="has 59 left, not 60") as refusal:
        give(source, center, hub_admin.user, students=60)
    assert refusal.value.field == "students"
    give(source, center, hub_admin.user, students=59)
    assert left(source) == 0


def test_codes_that_were_created_cannot_be_given(hub, center, hub_admin):
    source = source_of(hub, CODES, number_of_codes=4)
    factories.codes(source)
    edit(source, factories.staff(), number_of_codes=7)
    with pytest.raises(DomainError, match="has 3 left, not 4") as refusal:
        give(source, center, hub_admin.user)
    assert refusal.value.field == "number_of_codes"
    give(source, center, hub_admin.user, number_of_codes=3)
    assert left(source) == 0


def test_a_center_cannot_give_from_its_hubs_order(hub, center, admin):
    with pytest.raises(NotAllowed):
        give(source_of(hub), center, admin.user)


def test_a_hub_gives_to_direct_children_only(hub, center, hub_admin):
    source = source_of(hub)
    elsewhere = factories.organization()
    for to in (elsewhere, hub, factories.organization(parent=elsewhere.supplier)):
        with pytest.raises(DomainError, match="direct children") as refusal:
            give(source, to, hub_admin.user)
        assert refusal.value.field == "assigned_to"


def test_a_distributor_does_not_skip_the_hub_between():
    distributor = factories.organization(level=Level.DISTRIBUTOR)
    hub = factories.organization(level=Level.HUB, parent=distributor)
    center = factories.organization(parent=hub)
    with pytest.raises(DomainError, match="direct children"):
        give(source_of(distributor), center, factories.member(distributor).user)


@pytest.mark.parametrize("state", ["inactive", "suspended", "scheduled", "expired"])
def test_nothing_is_given_from_an_order_that_is_not_in_force(hub, center, hub_admin, state):
    staff = factories.staff()
    source = source_of(hub)
    if state == "inactive":
        set_active(order=source, is_active=False, by=staff)
    elif state == "suspended":
        suspend_order(order=source, by=staff, reason="Unpaid")
    else:
        start, finish = (1, 9) if state == "scheduled" else (-9, -1)
        source = edit(
            source, staff, start_date=factories.days(start), finish_date=factories.days(finish)
        )
    with pytest.raises(DomainError, match="isn't in force") as refusal:
        give(source, center, hub_admin.user)
    assert refusal.value.field == "source"


def test_a_source_that_was_suspended_since_it_was_loaded_gives_nothing(hub, center, hub_admin):
    source = source_of(hub)
    stale = Order.objects.get(pk=source.pk)
    suspend_order(order=source, by=factories.staff(), reason="Unpaid")
    with pytest.raises(DomainError, match="isn't in force"):
        give(stale, center, hub_admin.user)


def test_the_inventory_type_is_the_sources(hub, center, hub_admin):
    with pytest.raises(DomainError, match="other inventory type") as refusal:
        give(source_of(hub), center, hub_admin.user, kind=CODES)
    assert refusal.value.field == "source"


def test_products_are_a_subset_of_the_sources(hub, center, hub_admin):
    source = source_of(hub)
    one, two = source.products.all()
    child = give(source, center, hub_admin.user, products=[one])
    assert list(child.products.all()) == [one]
    with pytest.raises(DomainError, match="Not all of the products") as refusal:
        give(source, center, hub_admin.user, products=[one, *factories.products(1)])
    assert refusal.value.field == "products"


@pytest.mark.parametrize(
    ("start", "finish", "field"),
    [(-11, 100, "start_date"), (-10, 101, "finish_date"), (101, 102, "start_date")],
)
def test_dates_lie_inside_the_sources(hub, center, hub_admin, start, finish, field):
    source = source_of(hub)
    with pytest.raises(DomainError, match="The source order runs from") as refusal:
        give(
            source,
            center,
            hub_admin.user,
            start_date=factories.days(start),
            finish_date=factories.days(finish),
        )
    assert refusal.value.field == field


def test_users_per_code_are_the_sources(hub, center, hub_admin):
    with pytest.raises(DomainError, match="Users per code must be 2") as refusal:
        give(source_of(hub, CODES), center, hub_admin.user, users_per_code=1)
    assert refusal.value.field == "users_per_code"


def test_the_duration_is_at_most_the_sources(hub, center, hub_admin):
    source = source_of(hub, CODES)
    give(source, center, hub_admin.user, duration=30)
    with pytest.raises(DomainError, match="at most 60 days") as refusal:
        give(source, center, hub_admin.user, duration=61)
    assert refusal.value.field == "duration"


def test_an_unlimited_source_gives_limited_and_unlimited_orders(hub, center, hub_admin):
    source = source_of(hub, students=None)
    give(source, center, hub_admin.user)
    give(source, center, hub_admin.user, students=None)
    source.refresh_from_db()
    assert (source.given, source.free) == (40, None)


def test_a_limited_source_gives_limited_orders_only(hub, center, hub_admin):
    with pytest.raises(DomainError, match="can't be given on as unlimited") as refusal:
        give(source_of(hub), center, hub_admin.user, students=None)
    assert refusal.value.field == "students"


def test_a_refused_order_takes_no_places(hub, center, hub_admin):
    source = source_of(hub)
    with pytest.raises(DomainError):
        assign_order(
            assigned_to=center,
            inventory_type=CENTER,
            products=list(source.products.all()),
            terms=factories.terms(students=40),
            by=hub_admin.user,
            source=source,
            teacher_code="bad",
        )
    assert left(source) == 100


# Editing a child


def test_editing_a_child_takes_more_or_gives_back(hub, center, hub_admin, staff):
    source = source_of(hub)
    child = give(source, center, hub_admin.user)
    edit(child, staff, students=70)
    assert left(source) == 30
    edit(child, staff, students=10)
    assert left(source) == 90
    with pytest.raises(DomainError, match="has 90 left, not 91"):
        edit(child, staff, students=101)
    assert left(source) == 90
    edit(child, staff, students=100)
    assert left(source) == 0


def test_editing_codes_of_a_child_takes_more_or_gives_back(hub, center, hub_admin, staff):
    source = source_of(hub, CODES)
    child = give(source, center, hub_admin.user)
    edit(child, staff, number_of_codes=10)
    assert left(source) == 0
    edit(child, staff, number_of_codes=1)
    assert left(source) == 9
    edit(child, staff, number_of_codes=3)
    factories.codes(child)
    with pytest.raises(DomainError, match="fewer codes than were created"):
        edit(child, staff, number_of_codes=2)
    assert left(source) == 7


def test_an_unlimited_child_counts_nothing(hub, center, hub_admin, staff):
    source = source_of(hub, students=None)
    child = give(source, center, hub_admin.user)
    edit(child, staff, students=None)
    source.refresh_from_db()
    assert source.given == 0
    edit(child, staff, students=5)
    source.refresh_from_db()
    assert source.given == 5


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"start_date": factories.days(-11)}, "start_date"),
        ({"finish_date": factories.days(101)}, "finish_date"),
        ({"students": None}, "students"),
    ],
)
def test_an_edited_child_stays_inside_its_source(hub, center, hub_admin, staff, values, field):
    child = give(source_of(hub), center, hub_admin.user)
    with pytest.raises(DomainError) as refusal:
        edit(child, staff, **values)
    assert refusal.value.field == field


def test_a_child_gets_no_product_that_its_source_lacks(hub, center, hub_admin, staff):
    child = give(source_of(hub), center, hub_admin.user)
    with pytest.raises(DomainError, match="Not all of the products"):
        edit(child, staff, products=factories.products(1))


def test_a_request_loaded_before_it_was_approved_is_edited_inside_its_source(
    hub, admin, hub_admin, staff
):
    source = source_of(hub)
    request = factories.license_request(membership=admin, product_mix=list(source.products.all()))
    stale = Order.objects.get(pk=request.pk)
    approve_order(
        order=request,
        by=hub_admin.user,
        source=source,
        terms=factories.terms(students=40),
    )
    with pytest.raises(DomainError, match="has 60 left"):
        edit_order(order=stale, by=staff, students=101)


# Editing a source


def test_a_source_cannot_shrink_past_its_children(hub, center, hub_admin, staff):
    source = source_of(hub)
    give(source, center, hub_admin.user)
    edit(source, staff, students=40)
    with pytest.raises(DomainError, match="fewer places than are taken"):
        edit(source, staff, students=39)


def test_a_sources_dates_stay_around_its_children(hub, center, hub_admin, staff):
    source = source_of(hub)
    give(
        source,
        center,
        hub_admin.user,
        start_date=factories.days(1),
        finish_date=factories.days(50),
    )
    edit(source, staff, start_date=factories.days(1), finish_date=factories.days(50))
    with pytest.raises(DomainError, match="starts on") as refusal:
        edit(source, staff, start_date=factories.days(2))
    assert refusal.value.field == "start_date"
    with pytest.raises(DomainError, match="finishes on") as refusal:
        edit(source, staff, finish_date=factories.days(49))
    assert refusal.value.field == "finish_date"


def test_a_source_keeps_the_products_of_its_children(hub, center, hub_admin, staff):
    source = source_of(hub)
    one, two = source.products.all()
    give(source, center, hub_admin.user, products=[one])
    edit(source, staff, products=[one])
    with pytest.raises(DomainError, match="holds a product that you take off") as refusal:
        edit(source, staff, products=[two])
    assert refusal.value.field == "products"


def test_a_source_of_codes_keeps_users_and_duration_of_its_children(hub, center, hub_admin, staff):
    source = source_of(hub, CODES)
    give(source, center, hub_admin.user, duration=30)
    with pytest.raises(DomainError, match="same number of users per code"):
        edit(source, staff, users_per_code=3)
    edit(source, staff, duration=30)
    with pytest.raises(DomainError, match="lasts 30 days per person"):
        edit(source, staff, duration=29)


def test_a_source_with_an_unlimited_child_stays_unlimited(hub, center, hub_admin, staff):
    source = source_of(hub, students=None)
    give(source, center, hub_admin.user, students=None)
    with pytest.raises(DomainError, match="is unlimited; this one must stay so") as refusal:
        edit(source, staff, students=1_000)
    assert refusal.value.field == "students"
