"""Orders, products, enrolments: what the database refuses, who sees what, facts of one row."""

import uuid
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from jasper_inventory.accounts.models import Level, Role
from licenses import services
from licenses.models import (
    Enrolment,
    EnrolmentRole,
    LicenseRequest,
    Order,
    OrderProduct,
    Outcome,
    Product,
    ProductFamily,
    TeacherCode,
)
from licenses.terms import LAST_DAY
from tests import factories
from tests.factories import CENTER, CODES

pytestmark = pytest.mark.django_db


def refused(constraint):
    return pytest.raises(IntegrityError, match=constraint)


def change(order, **values):
    """Past all Python, as a bulk update does it."""
    Order.objects.filter(pk=order.pk).update(**values)


# What the database refuses, whoever writes


def test_a_finish_before_the_start_is_refused():
    order = factories.order()
    change(order, start_date=factories.days(5), finish_date=factories.days(5))
    with refused("licenses_order_dates"):
        change(order, start_date=factories.days(6))


@pytest.mark.parametrize(
    "field", ["start_date", "finish_date", "assigned_by_organization", "teacher_code"]
)
def test_an_approved_order_is_complete(field):
    order = factories.order()
    with refused("licenses_order_approved_is_complete"):
        change(order, **{field: None})


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (CENTER, {"number_of_codes": 5}),
        (CENTER, {"users_per_code": 5}),
        (CENTER, {"duration": 5}),
        (CENTER, {"codes_created": 1}),
        (CENTER, {"codes_given": 1}),
        (CODES, {"students": 5}),
        (CODES, {"given": 5}),
        (CODES, {"number_of_codes": None}),
        (CODES, {"users_per_code": None}),
        (CODES, {"duration": None}),
    ],
)
def test_each_inventory_type_has_its_own_fields(kind, values):
    order = factories.order(kind)
    with refused("licenses_order_fields_of_type"):
        change(order, **values)


def test_there_are_no_other_inventory_types():
    order = factories.order()
    with refused("licenses_order_(inventory_type|fields_of_type)"):
        change(order, inventory_type="other")


def test_there_are_no_other_outcomes():
    order = factories.license_request()
    with refused("licenses_order_(outcome|decided_by_and_at)"):
        change(order, outcome="other")


@pytest.mark.parametrize(
    ("kind", "field", "most"),
    [
        (CENTER, "students", 1_000_000),
        (CODES, "number_of_codes", 1_000_000),
        (CODES, "users_per_code", 10_000),
        (CODES, "duration", 3_650),
    ],
)
def test_numbers_stay_within_their_limits(kind, field, most):
    order = factories.order(kind)
    change(order, **{field: 1})
    change(order, **{field: most})
    wrong = [0, most + 1]
    if field in ("students", "number_of_codes"):
        # An order is emptied by taking everything back.
        change(order, **{field: wrong.pop(0)})
    for value in wrong:
        with refused(f"licenses_order_{field}"), transaction.atomic():
            change(order, **{field: value})


@pytest.mark.parametrize(
    "values", [{"enrolled": 101}, {"given": 101}, {"enrolled": 51, "given": 50}]
)
def test_never_more_places_taken_than_there_are(values):
    order = factories.order(students=100)
    with refused("licenses_order_places"):
        change(order, **values)


def test_never_fewer_places_than_are_taken():
    order = factories.order(students=100)
    change(order, enrolled=50, given=50)
    with refused("licenses_order_places"):
        change(order, students=99)


def test_an_unlimited_order_takes_any_number():
    order = factories.order(students=None)
    change(order, enrolled=2_000_000, given=2_000_000)
    order.refresh_from_db()
    assert (order.capacity, order.free) == (None, None)


@pytest.mark.parametrize(
    "values",
    [
        {"codes_created": 6},
        {"codes_given": 6},
        {"codes_created": 3, "codes_given": 3},
        {"enrolled": 1},
        {"codes_created": 2, "enrolled": 5},
    ],
)
def test_never_more_codes_and_uses_than_there_are(values):
    order = factories.order(CODES, number_of_codes=5, users_per_code=2)
    with refused("licenses_order_codes"):
        change(order, **values)


@pytest.mark.parametrize("field", ["enrolled", "given", "codes_created", "codes_given"])
def test_counters_never_fall_below_0(field):
    order = factories.order(CODES if field.startswith("codes") else CENTER)
    with refused(f"licenses_order_{field}_check|licenses_order_codes"):
        change(order, **{field: -1})


def test_a_suspension_has_who_and_when():
    order = factories.order()
    with refused("licenses_order_suspended_by_and_at"):
        change(order, suspended_at=timezone.now())


def test_a_decision_has_who_and_when():
    order = factories.license_request()
    for values in (
        {"outcome": Outcome.REJECTED},
        {"outcome": Outcome.WITHDRAWN, "decided_at": timezone.now()},
        {"decided_by": order.requested_by, "decided_at": timezone.now()},
    ):
        with refused("licenses_order_decided_by_and_at"), transaction.atomic():
            change(order, **values)


@pytest.mark.parametrize(
    "field", ["requested_to", "requested_by", "requested_by_organization", "requested_at"]
)
def test_a_request_says_who_asked_whom_and_when(field):
    order = factories.license_request()
    with refused("licenses_order_(requested_by_and_at|only_approved_is_used)"):
        change(order, **{field: None})


def test_nobody_asks_for_0_students():
    order = factories.license_request()
    with refused("licenses_order_requested_students"):
        change(order, requested_students=0)


@pytest.mark.parametrize("field", ["requester_comments", "approval_comments"])
def test_comments_have_at_most_4000_characters(field):
    order = factories.order()
    change(order, **{field: "é" * 4_000})
    with refused("licenses_order_comments_length"):
        change(order, **{field: "é" * 4_001})


def test_an_order_is_not_its_own_source():
    order = factories.order()
    with refused("licenses_order_source"):
        change(order, source=order)


def test_an_order_is_renewed_once():
    old = factories.order()
    change(factories.order(), renewal_of=old)
    with refused("renewal_of"):
        change(factories.order(), renewal_of=old)


def test_a_form_makes_one_request():
    token = uuid.uuid4()
    change(factories.license_request(), form_token=token)
    with refused("form_token"):
        change(factories.license_request(), form_token=token)


def test_a_product_is_on_an_order_once():
    order = factories.order()
    with refused("licenses_orderproduct_once"):
        OrderProduct.objects.create(order=order, product=order.products.first())


def test_a_product_is_once_in_its_family():
    [product] = factories.products(1)
    with refused("licenses_product_once_in_family"):
        Product.objects.create(family=product.family, name=product.name)


@pytest.mark.parametrize(
    "code", ["", "u7da7nife3017", "U7DA7-NIFE-30", "U7DA7NIFE301", "É7DA7NIFE3017"]
)
def test_a_teacher_code_is_stored_as_13_letters_and_digits(code):
    with refused("licenses_teachercode_format"):
        TeacherCode.objects.create(code=code)


def test_a_teacher_code_is_unique():
    TeacherCode.objects.create(code="U7DA7NIFE3017")
    with refused("licenses_teachercode_code"):
        TeacherCode.objects.create(code="U7DA7NIFE3017")


def test_a_person_is_on_an_order_once_per_role():
    order, user = factories.order(), factories.person()
    student = Enrolment.objects.create(order=order, user=user, role=EnrolmentRole.STUDENT)
    Enrolment.objects.create(order=order, user=user, role=EnrolmentRole.TEACHER)
    with refused("licenses_enrolment_once"), transaction.atomic():
        Enrolment.objects.create(order=order, user=user, role=EnrolmentRole.STUDENT)
    Enrolment.objects.filter(pk=student.pk).update(removed_at=timezone.now())
    Enrolment.objects.create(order=order, user=user, role=EnrolmentRole.STUDENT)


def test_only_a_student_is_linked_to_a_teacher():
    order = factories.order()
    teacher = Enrolment.objects.create(
        order=order, user=factories.person(), role=EnrolmentRole.TEACHER
    )
    with refused("licenses_enrolment_teacher_of_student"):
        Enrolment.objects.create(
            order=order, user=factories.person(), role=EnrolmentRole.TEACHER, teacher=teacher
        )


def test_there_are_no_other_roles_on_an_order():
    with refused("licenses_enrolment_role"):
        Enrolment.objects.create(order=factories.order(), user=factories.person(), role=9)


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


# Facts of one order


def test_places_of_a_center_license():
    order = factories.order(students=100)
    change(order, enrolled=30, given=20)
    order.refresh_from_db()
    assert (order.capacity, order.taken, order.free) == (100, 50, 50)


def test_places_of_user_activation_codes_are_codes_times_users():
    order = factories.order(CODES, number_of_codes=10, users_per_code=3)
    change(order, codes_created=4, codes_given=2, enrolled=5)
    order.refresh_from_db()
    assert (order.capacity, order.taken, order.free) == (30, 11, 19)
    assert order.codes_left == 4
    assert order.students is None


def test_a_request_for_codes_has_no_places_yet():
    order = factories.license_request(CODES, students=30)
    assert (order.capacity, order.free, order.codes_left) == (None, None, 0)


def test_an_order_is_suspended_by_itself_or_from_above():
    order = factories.order()
    assert not order.is_suspended
    assert Order(suspended_ancestors=1).is_suspended
    assert Order(suspended_at=timezone.now()).is_suspended


# Annotations


def test_teachers_are_counted_without_those_taken_off():
    order = factories.order()
    staff = factories.staff()
    for _ in range(3):
        joined = services.enrol_teacher(order=order, user=factories.person(), by=staff)
    services.enrol_student(order=order, user=factories.person(), by=staff)
    services.remove_enrolment(enrolment=joined.enrolment, by=staff)
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
        assert order.decided_by is None and order.teacher_code is None


# Scope


@pytest.fixture
def inventory(hub, center, foreign_admin):
    """One order of the hub, its center and a foreign center each; and a request of the center."""
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


def test_a_distributor_sees_everything_below(inventory):
    distributor = factories.organization(level=Level.DISTRIBUTOR)
    below = factories.organization(level=Level.RESELLER, parent=distributor)
    order = factories.order(assigned_to=factories.organization(parent=below))
    assert set(Order.objects.visible_to(factories.member(distributor))) == {order}


def test_a_teacher_sees_the_licenses_taught_on_there(inventory, teacher, staff):
    assert not Order.objects.visible_to(teacher)
    joined = services.enrol_teacher(order=inventory["center"], user=teacher.user, by=staff)
    services.enrol_teacher(order=inventory["foreign"], user=teacher.user, by=staff)
    assert names(inventory, Order.objects.visible_to(teacher)) == {"center"}
    assert not Order.objects.manageable_by(teacher)
    services.remove_enrolment(enrolment=joined.enrolment, by=staff)
    assert not Order.objects.visible_to(teacher)


def test_a_teacher_who_learns_on_a_license_does_not_see_it(inventory, teacher, staff):
    services.enrol_student(order=inventory["center"], user=teacher.user, by=staff)
    assert not Order.objects.visible_to(teacher)


def test_a_student_and_who_has_no_role_see_nothing(inventory, center):
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


def test_a_retired_product_is_listed_only_where_it_is_on_the_order():
    kept, gone = factories.products(2)
    Product.objects.filter(pk__in=[kept.pk, gone.pk]).update(is_retired=True)
    assert not ProductFamily.objects.with_products()
    [family] = ProductFamily.objects.with_products(kept=[kept.pk])
    assert family.listed_products == [kept]


def test_a_retired_family_is_not_offered_and_stays_on_old_orders():
    order = factories.order()
    held = services.product_ids(order)
    ProductFamily.objects.update(is_retired=True)
    assert not Product.objects.on_offer()
    assert not ProductFamily.objects.with_products()
    [family] = ProductFamily.objects.with_products(kept=held)
    assert {product.pk for product in family.listed_products} == held


@pytest.mark.parametrize(
    "values",
    [
        {"is_active": False},
        {"enrolled": 1},
        {"given": 1},
    ],
)
def test_only_an_approved_order_is_used_or_switched(values):
    order = factories.license_request()
    with refused("licenses_order_only_approved_is_used"):
        change(order, **values)


def test_codes_are_asked_for_by_number():
    order = factories.license_request(CODES)
    with refused("licenses_order_codes_asked_for"):
        change(order, requested_students=None)


def test_no_order_runs_past_the_last_day():
    order = factories.order()
    with refused("licenses_order_last_day"):
        change(order, finish_date=LAST_DAY + timedelta(days=1))


def test_a_suspension_says_why():
    order = factories.order()
    with refused("licenses_order_suspended_by_and_at"):
        change(order, suspended_at=timezone.now(), suspended_by=order.decided_by)
