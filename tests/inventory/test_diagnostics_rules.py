"""Why can't this be used: the rules of an order, a code and a person, in order."""

import pytest

from activation_codes.code_check import generate
from activation_codes.services.codes import replace_code, save_settings
from activation_codes.services.redemptions import reclaim_redemption, redeem_typed
from jasper_inventory.accounts.models import Role
from jasper_inventory.accounts.services.memberships import revoke_role
from jasper_inventory.inventory.diagnostics import explain_code, explain_enrollment, explain_order
from jasper_inventory.people.erasure import erase_person
from licenses.models import Enrollment, Order, OrderStatus
from licenses.models.code_settings import CODE_SETTINGS
from licenses.services.enrollments import (
    enroll_student,
    enroll_teacher,
    pause_joining,
    remove_enrollment,
)
from licenses.services.join_codes import replace_group_key, replace_teacher_code
from licenses.services.joins import join_by_teacher_code
from licenses.services.order_edits import edit_order
from licenses.services.suspensions import suspend_order
from tests import factories
from tests.helpers import change

pytestmark = pytest.mark.django_db


def loaded(order):
    return Order.objects.with_people().with_status(factories.today()).get(pk=order.pk)


def first_failed(order):
    return explain_order(loaded(order), factories.today()).first_failed


def explained(code, user=None, orders=None):
    return explain_code(
        str(code),
        orders=Order.objects.all() if orders is None else orders,
        today=factories.today(),
        user=user,
    )


def test_an_order_in_force_with_seats_passes_every_check():
    order = factories.order()

    rules = explain_order(loaded(order), factories.today()).rules

    assert [rule.passed for rule in rules] == [True] * len(rules)
    assert len(rules) == 7


@pytest.mark.parametrize(
    ("values", "status", "why"),
    [
        ({"finish_date": -1}, OrderStatus.EXPIRED, "It ended on"),
        ({"is_active": False}, OrderStatus.INACTIVE, "Active License is switched off"),
        ({"start_date": 1}, OrderStatus.SCHEDULED, "It starts on"),
        ({"students": 0}, OrderStatus.DEPLETED, "All 0 seats"),
    ],
    ids=lambda value: str(value),
)
def test_the_first_failed_check_agrees_with_the_status(values, status, why):
    order = factories.order()
    dates = {"finish_date", "start_date"}
    change(
        order,
        **{
            name: factories.days(value) if name in dates else value
            for name, value in values.items()
        },
    )

    assert loaded(order).status == status
    assert why in str(first_failed(order).why)


def test_an_order_names_the_person_who_suspended_its_parent_and_the_reason(hub, center, staff):
    mix = factories.products()
    parent = factories.order(assigned_to=hub, product_mix=mix)
    order = factories.order(assigned_to=center, parent=parent, product_mix=mix, students=5)
    suspend_order(order=parent, by=staff, reason="Unpaid")

    assert loaded(order).status == OrderStatus.SUSPENDED
    rule = first_failed(order)
    assert str(rule.why) == (
        f"The license that it was allocated from is suspended. {rule.who} suspended it: Unpaid"
    )
    assert rule.who.is_vendor


def test_several_failures_are_in_the_order_of_the_status():
    order = factories.order()
    change(
        order, finish_date=factories.days(-1), is_active=False, suspended_ancestors=1, students=0
    )

    rules = explain_order(loaded(order), factories.today()).rules

    assert [rule.passed for rule in rules] == [True, False, False, False, True, True, False]


def test_a_request_names_its_reviewer(admin, hub):
    failed = first_failed(factories.license_request(membership=admin))

    assert failed.who == hub
    assert "pending" in failed.why


def test_a_suspension_names_the_person_and_the_reason(center, staff):
    order = factories.order(assigned_to=center)
    suspend_order(order=order, by=staff, reason="Not paid")

    failed = first_failed(order)

    assert "Not paid" in failed.why
    assert failed.who == factories.vendor()


def test_codes_that_were_not_created_yet():
    assert "No codes" in first_failed(factories.order(factories.CODES)).why


def test_a_code_with_uses_left_can_be_used():
    order = factories.order(factories.CODES)
    code = factories.codes(order)[0]

    found = explained(code)

    assert found.first_failed is None
    assert found.order == order


def test_a_code_whose_uses_are_taken():
    code = factories.codes(factories.order(factories.CODES))[0]
    factories.redemption(code)

    assert "Its only use" in explained(code).first_failed.why


def test_a_mistyped_and_an_unknown_code_are_distinguished():
    code = factories.codes(factories.order(factories.CODES))[0].code
    wrong = code[:-1] + ("B" if code[-1] != "B" else "C")

    assert "typing error" in explained(wrong).first_failed.why
    assert "No order that you can see" in explained(next(generate(1))).first_failed.why


def test_a_code_out_of_scope_is_as_unknown_as_any(admin):
    foreign = factories.codes(factories.order(factories.CODES))[0]
    visible = Order.objects.visible_to(admin)

    explanation = explained(foreign, orders=visible)

    assert explanation.order is None
    assert [rule.name for rule in explanation.rules] == ["The code is known"]
    assert "No order that you can see" in explanation.first_failed.why


def test_a_person_who_redeemed_the_code_and_whose_time_is_over():
    code = factories.codes(factories.order(factories.CODES))[0]
    enrollment = factories.redemption(code).enrollment
    Enrollment.objects.filter(pk=enrollment.pk).update(ends_on=factories.days(-1))

    assert "It ended on" in explained(code, user=enrollment.user).first_failed.why
    # Anyone else learns that its one use is taken.
    assert "Its only use" in explained(code, user=factories.person()).first_failed.why


def test_a_person_who_may_redeem_another_code_sees_that():
    order = factories.order(factories.CODES)
    first, second, *_more = factories.codes(order)
    enrollment = factories.redemption(first).enrollment
    held = explained(second, user=enrollment.user).first_failed
    assert f"already has this license until {enrollment.last_day}" in held.why
    assert explained(second).first_failed is None
    Enrollment.objects.filter(pk=enrollment.pk).update(ends_on=factories.days(-1))

    assert "It ended on" in explained(first, user=enrollment.user).first_failed.why
    assert explained(second, user=enrollment.user).first_failed is None
    redeem_typed(typed=str(second), by=enrollment.user)


def test_a_removed_student_may_use_the_code_again(staff):
    code = factories.codes(factories.order(factories.CODES))[0]
    redemption = factories.redemption(code)
    user = redemption.enrollment.user
    reclaim_redemption(redemption=redemption, by=staff)

    assert explained(code, user=user).first_failed is None
    factories.redemption(code)
    assert explained(code, user=user).first_failed.why == "Its only use is taken."


def test_a_teacher_who_was_removed_may_join_again(staff):
    order = factories.order()
    teacher = enroll_teacher(order=order, user=factories.person(), by=staff).enrollment
    remove_enrollment(enrollment=teacher, by=staff)

    assert explained(order.teacher_code, user=teacher.user).first_failed is None


def test_codes_that_are_used_up_while_more_can_be_created(staff):
    order = factories.order(factories.CODES, number_of_codes=1)
    factories.redemption(factories.codes(order)[0])
    edit_order(order=order, by=staff, number_of_codes=3)

    assert "2 more can be created" in first_failed(order).why
    factories.codes(order)
    assert first_failed(order) is None


def test_a_replaced_teacher_code_says_so_to_people_who_may_see_its_order(staff, admin, center):
    order = factories.order(assigned_to=center)
    old = str(order.teacher_code)
    replace_teacher_code(order=order, shown=order.teacher_code_id, by=staff)
    order.refresh_from_db()

    assert "was replaced" in explained(old).first_failed.why
    assert explained(old, orders=Order.objects.visible_to(admin)).order == order
    foreign = Order.objects.visible_to(factories.member())
    assert explained(old, orders=foreign).order is None
    assert explained(order.teacher_code).first_failed is None


def test_a_group_key_is_explained_to_people_who_may_see_its_order(staff):
    order = factories.order(students=1)
    teacher = enroll_teacher(order=order, user=factories.person(), by=staff).enrollment
    key = teacher.group_key

    assert explained(key).first_failed is None
    student = enroll_student(order=order, user=factories.person(), by=staff).enrollment
    assert "All 1 seats" in explained(key).first_failed.why
    assert explained(key, user=student.user).first_failed is None
    remove_enrollment(enrollment=teacher, by=staff)
    assert "was removed" in explained(key).first_failed.why
    foreign = Order.objects.visible_to(factories.member())
    assert explained(key, orders=foreign).order is None


def test_a_group_key_of_activation_codes_links_only_students_who_activated_one(staff):
    order = factories.order(factories.CODES)
    teacher = enroll_teacher(order=order, user=factories.person(), by=staff).enrollment
    key = teacher.group_key
    student = factories.redemption(factories.codes(order)[0]).enrollment.user

    failed = explained(key, user=factories.person()).first_failed
    assert "has not activated a code of this license" in failed.why
    assert "Activate an activation code first" in failed.step
    assert explained(key, user=student).first_failed is None
    # Without a person no check fails, but the condition is described.
    anybody = explained(key)
    assert anybody.first_failed is None
    links = "links students who have activated a code of this license"
    assert any(links in str(rule.name) for rule in anybody.rules)


def test_a_teachers_own_group_key(staff):
    teacher = enroll_teacher(order=factories.order(), user=factories.person(), by=staff).enrollment

    assert "own group key" in explained(teacher.group_key, user=teacher.user).first_failed.why


def test_a_replaced_group_key_says_so_to_people_who_may_see_its_order(staff, center, admin):
    order = factories.order(assigned_to=center)
    teacher = enroll_teacher(order=order, user=factories.person(), by=staff).enrollment
    old = str(teacher.group_key)
    replace_group_key(teacher=teacher, by=teacher.user)
    teacher.refresh_from_db()

    explanation = explained(old, orders=Order.objects.visible_to(admin))

    assert (explanation.kind, explanation.name, explanation.order) == ("Group key", old, order)
    assert explanation.first_failed.why == "It was replaced by another one."
    assert explanation.first_failed.who == teacher.user
    assert explained(teacher.group_key).first_failed is None
    foreign = explained(old, orders=Order.objects.visible_to(factories.member()))
    assert foreign.order is None
    assert "typing error" not in foreign.first_failed.why


def test_the_group_key_of_a_teacher_who_was_erased(staff):
    order = factories.order()
    teacher = enroll_teacher(order=order, user=factories.person(), by=staff).enrollment
    key = str(teacher.group_key)
    erase_person(user=teacher.user, by=staff)

    assert explained(key).first_failed.why == "Its teacher's account was erased."


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("KVS5-PWTV", "No order that you can see has this group key"),
        ("Her key: kvs5 pwtv!", "No order that you can see has this group key"),
        ("KVS0-PWTV", "There is a typing error. Activation codes and group keys have no vowels"),
        ("KVS5-PWT", "This has 7"),
        ("KVS5P-WTVK-22", "This has 11"),
        ("KVS5-PWTV-222", "This has 11"),
    ],
)
def test_an_unknown_and_a_mistyped_group_key(typed, why):
    assert why in explained(typed).first_failed.why


def test_a_teacher_code_leads_to_the_order_in_force(staff):
    order = factories.order()

    found = explained(order.teacher_code)

    assert found.order == order
    assert found.first_failed is None
    change(order, finish_date=factories.days(-1))
    assert "It ended on" in explained(order.teacher_code).first_failed.why


def test_a_removed_person_sees_that(staff, center):
    order = factories.order(assigned_to=center)
    student = factories.person()
    enrollment = enroll_student(order=order, user=student, by=staff).enrollment
    remove_enrollment(enrollment=enrollment, by=staff)
    enrollment.refresh_from_db()

    explanation = explain_enrollment(enrollment, loaded(order), factories.today())

    assert "was removed" in explanation.first_failed.why


def test_a_replaced_code_says_so(staff):
    code = factories.codes(factories.order(factories.CODES))[0]
    replace_code(code=code, by=staff)

    explanation = explained(code)
    assert "It was replaced on" in explanation.first_failed.why
    assert [rule.name for rule in explanation.rules if not rule.passed] == [
        "The code was not replaced"
    ]


def test_a_student_who_needs_a_teacher_is_asked_to_link(staff):
    order = factories.order(factories.CODES)
    enrollment = factories.redemption(factories.codes(order)[0]).enrollment
    teacher = enroll_teacher(order=order, user=factories.person(), by=staff).enrollment

    def failed(person):
        person.order.refresh_from_db()
        return explain_enrollment(person, loaded(order), factories.today()).first_failed

    assert failed(enrollment) is None
    boxes = {box: True for box in CODE_SETTINGS}
    save_settings(order=order, boxes=boxes, by=staff)

    assert "is not linked to a teacher" in failed(enrollment).why
    assert failed(teacher) is None
    enrollment.teacher = teacher
    assert failed(enrollment) is None


def test_paused_enrollment_is_reported(staff):
    order = factories.order()
    pause_joining(order=order, by=staff)

    assert "Enrollment is paused" in first_failed(order).why
    assert "Enrollment is paused" in explained(order.teacher_code).first_failed.why


def person_explained(enrollment):
    enrollment = Enrollment.objects.select_related("user", "order__assigned_to").get(
        pk=enrollment.pk
    )
    return explain_enrollment(enrollment, loaded(enrollment.order), factories.today()).first_failed


def test_a_teacher_whose_role_was_revoked_sees_how_to_restore_it(staff, center):
    order = factories.order(assigned_to=center)
    joined = enroll_teacher(order=order, user=factories.person(), by=staff)
    teacher = joined.enrollment
    assert person_explained(teacher) is None
    revoke_role(user=teacher.user, organization=center, role=Role.TEACHER, by=staff)

    failed = person_explained(teacher)
    assert "it was revoked" in failed.why
    assert "Type the teacher code again" in failed.step
    assert f"{teacher.user}, or Tolano Adventures" == failed.who
    # The key keeps working, and so does the code, which restores the role.
    assert explained(teacher.group_key).first_failed is None
    assert explained(order.teacher_code, user=teacher.user).first_failed is None
    join_by_teacher_code(typed=str(order.teacher_code), by=teacher.user)
    assert person_explained(teacher) is None


def test_a_role_elsewhere_is_not_the_teachers_role(staff, center, foreign_admin):
    order = factories.order(assigned_to=center)
    teacher = enroll_teacher(order=order, user=factories.person(), by=staff).enrollment
    revoke_role(user=teacher.user, organization=center, role=Role.TEACHER, by=staff)
    factories.member(center, Role.STUDENT, user=teacher.user)
    factories.member(foreign_admin.organization, Role.TEACHER, user=teacher.user)

    assert "no longer has this role" in person_explained(teacher).why


def test_students_need_no_role(staff, center):
    order = factories.order(assigned_to=center)
    student = enroll_student(order=order, user=factories.person(), by=staff).enrollment
    revoke_role(user=student.user, organization=center, role=Role.STUDENT, by=staff)

    assert person_explained(student) is None


@pytest.mark.parametrize("role", ["teacher", "student"])
def test_an_account_that_cannot_sign_in_can_use_nothing(staff, role):
    order = factories.order()
    enroll = {"teacher": enroll_teacher, "student": enroll_student}[role]
    one, other = (
        enroll(order=order, user=factories.person(), by=staff).enrollment for _at in range(2)
    )
    change_user = type(one.user).objects.filter(pk=one.user_id)
    change_user.update(is_active=False)
    erase_person(user=other.user, by=staff)

    assert person_explained(one).why == "The account was deactivated."
    assert person_explained(other).why == "The account was erased."
