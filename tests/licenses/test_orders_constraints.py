"""Refusals of the database, for every writer."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from licenses.models import (
    Enrollment,
    EnrollmentRole,
    OrderProduct,
    Outcome,
    Product,
    TeacherCode,
)
from licenses.terms import LAST_DAY
from tests import factories
from tests.factories import CENTER, CODES
from tests.helpers import change, refused

pytestmark = pytest.mark.django_db


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
        (CENTER, {"codes_allocated": 1}),
        (CODES, {"students": 5}),
        (CODES, {"allocated": 5}),
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
    with refused("licenses_order_(outcome|reviewed_by_and_at)"):
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
        # An order is emptied by reclaiming all its seats.
        change(order, **{field: wrong.pop(0)})
    for value in wrong:
        with refused(f"licenses_order_{field}"), transaction.atomic():
            change(order, **{field: value})


@pytest.mark.parametrize(
    "values", [{"enrolled": 101}, {"allocated": 101}, {"enrolled": 51, "allocated": 50}]
)
def test_never_more_seats_taken_than_there_are(values):
    order = factories.order(students=100)
    with refused("licenses_order_seats"):
        change(order, **values)


def test_never_fewer_seats_than_are_taken():
    order = factories.order(students=100)
    change(order, enrolled=50, allocated=50)
    with refused("licenses_order_seats"):
        change(order, students=99)


def test_an_unlimited_order_takes_any_number():
    order = factories.order(students=None)
    change(order, enrolled=2_000_000, allocated=2_000_000)
    order.refresh_from_db()
    assert (order.seats, order.seats_available) == (None, None)


@pytest.mark.parametrize(
    "values",
    [
        {"codes_created": 6},
        {"codes_allocated": 6},
        {"codes_created": 3, "codes_allocated": 3},
        {"enrolled": 1},
        {"codes_created": 2, "enrolled": 5},
    ],
)
def test_never_more_codes_and_uses_than_there_are(values):
    order = factories.order(CODES, number_of_codes=5, users_per_code=2)
    with refused("licenses_order_codes"):
        change(order, **values)


@pytest.mark.parametrize("field", ["enrolled", "allocated", "codes_created", "codes_allocated"])
def test_counters_never_fall_below_0(field):
    order = factories.order(CODES if field.startswith("codes") else CENTER)
    with refused(f"licenses_order_{field}_check|licenses_order_codes"):
        change(order, **{field: -1})


def test_a_suspension_has_a_person_and_a_time():
    order = factories.order()
    with refused("licenses_order_suspended_by_and_at"):
        change(order, suspended_at=timezone.now())


def test_a_review_has_a_person_and_a_time():
    order = factories.license_request()
    for values in (
        {"outcome": Outcome.REJECTED},
        {"outcome": Outcome.WITHDRAWN, "reviewed_at": timezone.now()},
        {"reviewed_by": order.requested_by, "reviewed_at": timezone.now()},
    ):
        with refused("licenses_order_reviewed_by_and_at"), transaction.atomic():
            change(order, **values)


@pytest.mark.parametrize(
    "field", ["requested_to", "requested_by", "requested_by_organization", "requested_at"]
)
def test_a_request_names_both_sides_and_the_time(field):
    order = factories.license_request()
    with refused("licenses_order_(requested_by_and_at|only_approved_is_used)"):
        change(order, **{field: None})


def test_nobody_requests_0_students():
    order = factories.license_request()
    with refused("licenses_order_requested_students"):
        change(order, requested_students=0)


@pytest.mark.parametrize("field", ["requester_comments", "approval_comments"])
def test_comments_have_at_most_4000_characters(field):
    order = factories.order()
    change(order, **{field: "é" * 4_000})
    with refused("licenses_order_comments_length"):
        change(order, **{field: "é" * 4_001})


def test_an_order_is_not_its_own_parent_order():
    order = factories.order()
    with refused("licenses_order_parent"):
        change(order, parent=order)


def test_an_order_is_renewed_once():
    old = factories.order()
    change(factories.order(), renewal_of=old)
    with refused("renewal_of"):
        change(factories.order(), renewal_of=old)


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
    student = Enrollment.objects.create(order=order, user=user, role=EnrollmentRole.STUDENT)
    Enrollment.objects.create(order=order, user=user, role=EnrollmentRole.TEACHER)
    with refused("licenses_enrollment_once"), transaction.atomic():
        Enrollment.objects.create(order=order, user=user, role=EnrollmentRole.STUDENT)
    Enrollment.objects.filter(pk=student.pk).update(removed_at=timezone.now())
    Enrollment.objects.create(order=order, user=user, role=EnrollmentRole.STUDENT)


def test_only_a_student_is_linked_to_a_teacher():
    order = factories.order()
    teacher = Enrollment.objects.create(
        order=order, user=factories.person(), role=EnrollmentRole.TEACHER
    )
    with refused("licenses_enrollment_teacher_of_student"):
        Enrollment.objects.create(
            order=order, user=factories.person(), role=EnrollmentRole.TEACHER, teacher=teacher
        )


def test_there_are_no_other_roles_on_an_order():
    with refused("licenses_enrollment_role"):
        Enrollment.objects.create(order=factories.order(), user=factories.person(), role=9)


@pytest.mark.parametrize(
    "values",
    [
        {"is_active": False},
        {"enrolled": 1},
        {"allocated": 1},
    ],
)
def test_only_an_approved_order_is_used_or_switched(values):
    order = factories.license_request()
    with refused("licenses_order_only_approved_is_used"):
        change(order, **values)


def test_codes_are_requested_by_number():
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
        change(order, suspended_at=timezone.now(), suspended_by=order.reviewed_by)
