"""Assigning, editing, activating, suspending: permissions, results, refusals."""

import pytest

from jasper_inventory.lib.exceptions import DomainError, NotAllowed
from licenses.models import Order, OrderStatus, Outcome, TeacherCode
from licenses.services.enrollments import enroll_student
from licenses.services.order_edits import set_active
from licenses.services.requests import reject_request, withdraw_request
from licenses.services.suspensions import resume_order, suspend_order
from tests import factories
from tests.factories import CENTER, CODES
from tests.helpers import last_act
from tests.licenses.acts import assign, edit

pytestmark = pytest.mark.django_db


# Assigning


def test_cci_assigns_a_center_license_from_nothing(staff, center):
    mix = factories.products(3)
    order = assign(
        staff,
        assigned_to=center,
        products=mix,
        purchase_order=" PO 7 ",
        comments=" Welcome ",
        terms=factories.terms(students=300),
    )
    order = Order.objects.get(pk=order.pk)
    assert order.status_on(factories.today()) == OrderStatus.AVAILABLE
    assert (order.assigned_to, order.students, order.purchase_order) == (center, 300, "PO 7")
    assert (order.reviewed_by, order.approval_comments) == (staff, "Welcome")
    assert order.assigned_by_organization == factories.vendor()
    assert order.parent is None and order.requested_by is None
    assert set(order.products.all()) == set(mix)
    assert len(order.teacher_code.code) == 13
    assert last_act(order) == {"action": "order.assigned", "user": staff.pk}


def test_cci_assigns_user_activation_codes(staff):
    order = assign(
        staff,
        inventory_type=CODES,
        terms=factories.terms(CODES, number_of_codes=10, users_per_code=3, duration=365),
    )
    assert (order.seats, order.codes_left, order.students) == (30, 10, None)


def test_an_assigned_order_knows_its_number(staff):
    order = assign(staff)
    assert order.number == Order.objects.get(pk=order.pk).number


def test_a_site_license_is_unlimited(staff):
    assert assign(staff, terms=factories.terms(students=None)).seats is None


def test_only_cci_assigns_from_nothing(admin, hub_admin, center):
    for by in (admin.user, hub_admin.user):
        with pytest.raises(NotAllowed):
            assign(by, assigned_to=center)


def test_the_vendor_holds_no_licenses(staff):
    with pytest.raises(DomainError, match="vendor") as refusal:
        assign(staff, assigned_to=factories.vendor())
    assert refusal.value.field == "assigned_to"


def test_an_order_needs_a_product(staff):
    with pytest.raises(DomainError, match="at least one product") as refusal:
        assign(staff, products=[])
    assert refusal.value.field == "products"


@pytest.mark.parametrize(
    ("kind", "values", "field"),
    [
        (
            CENTER,
            {"start_date": factories.days(5), "finish_date": factories.days(4)},
            "finish_date",
        ),
        (CODES, {"number_of_codes": None}, "number_of_codes"),
        (CODES, {"users_per_code": None}, "users_per_code"),
        (CODES, {"duration": None}, "duration"),
        (CODES, {"students": 5}, None),
        (CODES, {"number_of_codes": 1_000_001}, None),
        (CODES, {"users_per_code": 10_001}, None),
        (CODES, {"duration": 3_651}, None),
        (CENTER, {"students": 0}, "students"),
        (CODES, {"number_of_codes": 0}, "number_of_codes"),
        (CENTER, {"students": 1_000_001}, None),
        (CENTER, {"students": -1}, "students"),
        (CENTER, {"number_of_codes": 5}, None),
    ],
)
def test_terms_that_break_a_rule_are_refused_in_words(staff, kind, values, field):
    before = Order.objects.count(), TeacherCode.objects.count()
    with pytest.raises(DomainError) as refusal:
        assign(staff, inventory_type=kind, terms=factories.terms(kind, **values))
    assert refusal.value.field == field
    assert "constraint" not in str(refusal.value).lower()
    assert (Order.objects.count(), TeacherCode.objects.count()) == before


def test_a_purchase_order_has_at_most_64_characters(staff):
    assert assign(staff, purchase_order="x" * 64).purchase_order == "x" * 64
    with pytest.raises(DomainError, match="64") as refusal:
        assign(staff, purchase_order="x" * 65)
    assert refusal.value.field == "purchase_order"


def test_comments_that_are_too_long_are_refused(staff):
    with pytest.raises(DomainError, match="4,000 characters. You used 4,001.") as refusal:
        assign(staff, comments="x" * 4_001)
    assert refusal.value.field == "approval_comments"


def test_a_typed_teacher_code_is_kept(staff):
    order = assign(staff, teacher_code="u7da7 nife-3017")
    assert order.teacher_code.code == "U7DA7NIFE3017"
    assert str(order.teacher_code) == "U7DA7-NIFE-3017"


def test_a_teacher_code_that_is_taken_is_refused(staff):
    assign(staff, teacher_code="U7DA7-NIFE-3017")
    with pytest.raises(DomainError, match="U7DA7-NIFE-3017 is already in use") as refusal:
        assign(staff, teacher_code="U7DA7NIFE3017")
    assert refusal.value.field == "teacher_code"


@pytest.mark.parametrize("typed", ["U7DA7", "U7DA7-NIFE-30177", "-", "é"])
def test_a_teacher_code_has_5_4_4_letters_and_digits(staff, typed):
    with pytest.raises(DomainError, match="5-4-4") as refusal:
        assign(staff, teacher_code=typed)
    assert refusal.value.field == "teacher_code"


def test_each_order_has_a_teacher_code_of_its_own(staff):
    assert assign(staff).teacher_code != assign(staff).teacher_code


def test_an_order_that_is_loaded_keeps_its_number(staff):
    assert assign(staff, number=20).number == 20
    with pytest.raises(DomainError, match="Order number 20 is already in use"):
        assign(staff, number=20)


def test_new_numbers_do_not_meet_loaded_ones(staff):
    ahead = assign(staff).number + 2
    assign(staff, number=ahead)
    assert assign(staff).number == ahead + 1
    assign(staff, number=13)
    assert assign(staff).number == ahead + 2


# Editing


def test_cci_edits_an_order(staff):
    order = factories.order()
    [product] = factories.products(1)
    edited = edit(
        order,
        staff,
        start_date=factories.days(-1),
        finish_date=factories.days(50),
        students=7,
        products=[product],
        purchase_order=" PO 8 ",
        approval_comments=" As agreed ",
        is_active=False,
        reason="A call",
    )
    order.refresh_from_db()
    assert (order.start_date, order.finish_date) == (factories.days(-1), factories.days(50))
    assert (order.students, order.purchase_order, order.is_active) == (7, "PO 8", False)
    assert order.approval_comments == "As agreed"
    assert list(order.products.all()) == [product]
    assert edited.students == 7
    assert last_act(order) == {"action": "order.edited", "user": staff.pk, "reason": "A call"}


def test_only_cci_edits(admin, hub_admin, center):
    order = factories.order(assigned_to=center)
    for by in (admin.user, hub_admin.user):
        with pytest.raises(NotAllowed):
            edit(order, by)


def test_editing_keeps_the_teacher_code_unless_one_is_typed(staff):
    order = factories.order()
    code = order.teacher_code
    assert edit(order, staff).teacher_code == code
    assert edit(order, staff, teacher_code=str(code).lower()).teacher_code == code
    edited = edit(order, staff, teacher_code="U7DA7-NIFE-3017")
    assert str(edited.teacher_code) == "U7DA7-NIFE-3017"
    factories.order(teacher_code="TAKEN-NIFE-3017")
    with pytest.raises(DomainError, match="is already in use"):
        edit(order, staff, teacher_code="TAKEN-NIFE-3017")


def test_a_request_cannot_be_edited_as_an_order(staff):
    order = factories.license_request()
    with pytest.raises(DomainError, match="Only an approved order"):
        edit(order, staff, students=3)


def test_seats_cannot_fall_below_those_taken(staff):
    order = factories.order(students=10)
    for _ in range(3):
        enroll_student(order=order, user=factories.person(), by=staff)
    assert edit(order, staff, students=3).students == 3
    with pytest.raises(DomainError, match="fewer than the seats in use"):
        edit(order, staff, students=2)
    order.refresh_from_db()
    assert (order.students, order.enrolled) == (3, 3)


def test_codes_cannot_fall_below_those_created(staff):
    order = factories.order(CODES, number_of_codes=5)
    factories.codes(order)
    with pytest.raises(DomainError, match="fewer than the codes created"):
        edit(order, staff, number_of_codes=4)
    assert edit(order, staff, number_of_codes=6).codes_left == 1


def test_users_per_code_stay_once_codes_were_created(staff):
    order = factories.order(CODES, users_per_code=1)
    assert edit(order, staff, users_per_code=2).users_per_code == 2
    factories.codes(order)
    with pytest.raises(DomainError, match="created for 2 per code") as refusal:
        edit(order, staff, users_per_code=3)
    assert refusal.value.field == "users_per_code"


def test_editing_does_not_undo_what_happened_since_the_page_was_loaded(staff):
    order = factories.order(students=10)
    enroll_student(order=order, user=factories.person(), by=staff)
    suspend_order(order=order, by=staff, reason="Unpaid")
    edit(order, staff, students=20, is_active=True)
    order.refresh_from_db()
    assert (order.students, order.enrolled, order.is_suspended) == (20, 1, True)


# The Active License box


def test_the_holder_switches_active_license_off_and_on(admin, center):
    order = factories.order(assigned_to=center)
    assert set_active(order=order, is_active=False, by=admin.user, reason=" Summer  break ")
    assert order.status_on(factories.today()) == OrderStatus.INACTIVE
    assert last_act(order) == {
        "action": "order.deactivated",
        "user": admin.user.pk,
        "reason": "Summer break",
    }
    assert set_active(order=order, is_active=True, by=admin.user)
    assert order.status_on(factories.today()) == OrderStatus.AVAILABLE
    assert last_act(order)["action"] == "order.activated"


def test_switching_to_the_current_value_changes_nothing(admin, center):
    order = factories.order(assigned_to=center)
    before = order.events.count()
    assert not set_active(order=order, is_active=True, by=admin.user)
    assert order.events.count() == before


def test_switching_looks_at_the_order_as_it_is_now(admin, center):
    order = factories.order(assigned_to=center)
    set_active(order=Order.objects.get(pk=order.pk), is_active=False, by=admin.user)
    assert order.is_active
    assert not set_active(order=order, is_active=False, by=admin.user)


def test_only_holder_and_cci_switch(hub_admin, foreign_admin, teacher, staff, center):
    order = factories.order(assigned_to=center)
    for by in (hub_admin.user, foreign_admin.user, teacher.user):
        with pytest.raises(NotAllowed):
            set_active(order=order, is_active=False, by=by)
    assert set_active(order=order, is_active=False, by=staff)


@pytest.mark.parametrize("outcome", [Outcome.PENDING, Outcome.REJECTED, Outcome.WITHDRAWN])
def test_only_an_approved_order_is_switched(admin, staff, outcome):
    order = factories.license_request(membership=admin)
    if outcome == Outcome.REJECTED:
        reject_request(request=order, by=staff, comments="No")
    if outcome == Outcome.WITHDRAWN:
        withdraw_request(request=order, by=admin.user)
    with pytest.raises(DomainError, match="Only an approved order"):
        set_active(order=order, is_active=False, by=admin.user)


def test_a_reason_has_at_most_500_characters(admin, center):
    order = factories.order(assigned_to=center)
    with pytest.raises(DomainError, match="500") as refusal:
        set_active(order=order, is_active=False, by=admin.user, reason="x" * 501)
    assert refusal.value.field == "reason"


def test_a_holder_cannot_reactivate_an_order_its_supplier_suspended(admin, staff, center):
    order = factories.order(assigned_to=center)
    suspend_order(order=order, by=staff, reason="Unpaid")
    set_active(order=order, is_active=False, by=admin.user)
    set_active(order=order, is_active=True, by=admin.user)
    assert order.status_on(factories.today()) == OrderStatus.SUSPENDED
    with pytest.raises(NotAllowed):
        resume_order(order=order, by=admin.user)
