"""Orders and products: numbers, scope, and properties of one row."""

import pytest
from django.db import connection
from django.utils import timezone

from jasper_inventory.accounts.models import Level, Role
from licenses.models import (
    LicenseRequest,
    Order,
    Product,
    ProductFamily,
)
from licenses.services.allocations import product_ids
from licenses.services.enrollments import enroll_student, enroll_teacher, remove_enrollment
from tests import factories
from tests.factories import CODES
from tests.helpers import change, refused

pytestmark = pytest.mark.django_db


# Order numbers


def test_order_numbers_start_at_10001():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT start_value, increment_by FROM pg_sequences"
            " WHERE sequencename = 'licenses_order_number'"
        )
        assert cursor.fetchone() == (10_001, 1)


def test_orders_are_numbered_one_after_the_other():
    first, second = factories.order(), factories.license_request()
    assert first.number >= 10_001
    assert second.number == first.number + 1
    assert str(second) == str(first.number + 1)


def test_an_order_number_is_unique():
    first, second = factories.order(), factories.order()
    with refused("licenses_order_number"):
        change(second, number=first.number)


def test_the_newest_order_comes_first():
    first, second = factories.order(), factories.order()
    assert list(Order.objects.all()) == [second, first]


# Properties of one order


def test_seats_of_a_center_license():
    order = factories.order(students=100)
    change(order, enrolled=30, allocated=20)
    order.refresh_from_db()
    assert (order.seats, order.seats_taken, order.seats_available) == (100, 50, 50)


def test_seats_of_user_activation_codes_are_codes_times_users():
    order = factories.order(CODES, number_of_codes=10, users_per_code=3)
    change(order, codes_created=4, codes_allocated=2, enrolled=5)
    order.refresh_from_db()
    assert (order.seats, order.seats_taken, order.seats_available) == (30, 11, 19)
    assert order.codes_left == 4
    assert order.students is None


def test_a_request_for_codes_has_no_seats_yet():
    order = factories.license_request(CODES, students=30)
    assert (order.seats, order.seats_available, order.codes_left) == (None, None, 0)


def test_an_order_is_suspended_by_itself_or_from_above():
    order = factories.order()
    assert not order.is_suspended
    assert Order(suspended_ancestors=1).is_suspended
    assert Order(suspended_at=timezone.now()).is_suspended


# Annotations


def test_teachers_are_counted_without_removed_ones():
    order = factories.order()
    staff = factories.staff()
    for _ in range(3):
        joined = enroll_teacher(order=order, user=factories.person(), by=staff)
    enroll_student(order=order, user=factories.person(), by=staff)
    remove_enrollment(enrollment=joined.enrollment, by=staff)
    other = factories.order()
    counted = {row.pk: row.teachers for row in Order.objects.with_teachers()}
    assert counted == {order.pk: 2, other.pk: 0}


def test_was_it_renewed():
    old, new = factories.order(), factories.order()
    change(new, renewal_of=old)
    renewed = {row.pk: row.was_renewed for row in Order.objects.with_was_renewed()}
    assert renewed == {old.pk: True, new.pk: False}


def test_the_people_of_a_window_cost_one_query(django_assert_num_queries):
    order = factories.license_request()
    with django_assert_num_queries(1):
        order = Order.objects.with_people().get(pk=order.pk)
        assert order.requested_to and order.requested_by and order.assigned_to
        assert order.requested_by_organization
        assert order.reviewed_by is None and order.teacher_code is None


# Scope


@pytest.fixture
def inventory(hub, center, foreign_admin):
    """An order each of the hub, its center and a foreign center; and a request of the center."""
    admin = factories.member(center)
    return {
        "hub": factories.order(assigned_to=hub),
        "center": factories.order(assigned_to=center),
        "request": factories.license_request(membership=admin),
        "foreign": factories.order(assigned_to=foreign_admin.organization),
    }


def names(inventory, orders):
    orders = set(orders)
    return {name for name, order in inventory.items() if order in orders}


def test_a_center_sees_its_own_orders(inventory, admin):
    assert names(inventory, Order.objects.visible_to(admin)) == {"center", "request"}
    assert names(inventory, Order.objects.manageable_by(admin)) == {"center", "request"}


def test_a_hub_sees_its_scope_and_manages_its_own(inventory, hub_admin):
    visible = Order.objects.visible_to(hub_admin)
    assert names(inventory, visible) == {"hub", "center", "request"}
    assert names(inventory, Order.objects.manageable_by(hub_admin)) == {"hub"}


def test_a_foreign_center_sees_none_of_them(inventory, foreign_admin):
    assert names(inventory, Order.objects.visible_to(foreign_admin)) == {"foreign"}
    assert names(inventory, Order.objects.manageable_by(foreign_admin)) == {"foreign"}


def test_a_center_does_not_see_its_sisters_orders(hub, inventory):
    sister = factories.member(factories.organization(parent=hub))
    assert not Order.objects.visible_to(sister)
    assert not Order.objects.manageable_by(sister)


def test_a_distributor_sees_everything_of_its_sub_organizations(inventory):
    distributor = factories.organization(level=Level.DISTRIBUTOR)
    below = factories.organization(level=Level.RESELLER, parent=distributor)
    order = factories.order(assigned_to=factories.organization(parent=below))
    assert set(Order.objects.visible_to(factories.member(distributor))) == {order}


def test_a_teacher_sees_the_licenses_taught_on_there(inventory, teacher, staff):
    assert not Order.objects.visible_to(teacher)
    joined = enroll_teacher(order=inventory["center"], user=teacher.user, by=staff)
    enroll_teacher(order=inventory["foreign"], user=teacher.user, by=staff)
    assert names(inventory, Order.objects.visible_to(teacher)) == {"center"}
    assert not Order.objects.manageable_by(teacher)
    remove_enrollment(enrollment=joined.enrollment, by=staff)
    assert not Order.objects.visible_to(teacher)


def test_a_teacher_who_learns_on_a_license_does_not_see_it(inventory, teacher, staff):
    enroll_student(order=inventory["center"], user=teacher.user, by=staff)
    assert not Order.objects.visible_to(teacher)


def test_a_student_and_a_person_without_a_role_see_nothing(inventory, center):
    for membership in (factories.member(center, Role.STUDENT), None):
        assert not Order.objects.visible_to(membership)
        assert not Order.objects.manageable_by(membership)


def test_the_admins_view_of_requests_is_scoped_alike(inventory, admin, foreign_admin):
    assert LicenseRequest.objects.visible_to(admin).count() == 2
    assert LicenseRequest.objects.visible_to(foreign_admin).count() == 1


def test_an_organizations_own_orders_are_not_its_descendants(inventory, hub):
    assert names(inventory, Order.objects.held_by(hub)) == {"hub"}


def test_pending_and_approved(inventory):
    assert names(inventory, Order.objects.pending()) == {"request"}
    assert names(inventory, Order.objects.approved()) == {"hub", "center", "foreign"}


# Products


def test_families_and_products_are_listed_in_their_order():
    later = ProductFamily.objects.create(name="Office 2016", position=2)
    first = ProductFamily.objects.create(name="Office 2019", position=1)
    for family in (later, first):
        Product.objects.create(family=family, name="Word", position=2)
        Product.objects.create(family=family, name="Access", position=1)
    listed = [
        (family.name, [product.name for product in family.listed_products])
        for family in ProductFamily.objects.with_products()
    ]
    assert listed == [("Office 2019", ["Access", "Word"]), ("Office 2016", ["Access", "Word"])]


def test_a_retired_product_is_listed_only_if_it_is_on_the_order():
    kept, gone = factories.products(2)
    Product.objects.filter(pk__in=[kept.pk, gone.pk]).update(is_retired=True)
    assert not ProductFamily.objects.with_products()
    [family] = ProductFamily.objects.with_products(kept=[kept.pk])
    assert family.listed_products == [kept]


def test_a_retired_family_is_not_offered_and_stays_on_old_orders():
    order = factories.order()
    held = product_ids(order)
    ProductFamily.objects.update(is_retired=True)
    assert not Product.objects.on_offer()
    assert not ProductFamily.objects.with_products()
    [family] = ProductFamily.objects.with_products(kept=held)
    assert {product.pk for product in family.listed_products} == held
