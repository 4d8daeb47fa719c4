"""People join with a teacher code or a teacher's group key."""

import pytest

from jasper_inventory.accounts.models import Membership, Role
from jasper_inventory.lib.exceptions import DomainError, UnknownCode
from licenses.models import Enrollment, EnrollmentRole
from licenses.services.enrollments import (
    enroll_student,
    pause_joining,
    remove_enrollment,
    restore_enrollment,
)
from licenses.services.joins import join_by_group_key, join_by_teacher_code
from licenses.services.suspensions import suspend_order
from tests import factories
from tests.factories import CODES
from tests.helpers import change, last_act
from tests.licenses.joins import enrolled, link, renewed, teach

pytestmark = pytest.mark.django_db


def link_on(order, user, teacher):
    """Enroll a student on this order, regardless of others in force."""
    return enroll_student(order=order, user=user, by=factories.staff(), teacher=teacher)


def linked_to(user):
    """The teacher of a student, on each order."""
    students = Enrollment.objects.current().students().filter(user=user)
    return {each.order: each.teacher and each.teacher.user for each in students}


# Teacher codes


def test_the_teacher_code_creates_a_teacher_with_the_role(center):
    order, user = factories.order(assigned_to=center), factories.person()
    joined = teach(order, user)
    assert (joined.enrollment.order, joined.enrollment.user) == (order, user)
    assert joined.enrollment.role == EnrollmentRole.TEACHER
    assert joined.is_new
    assert joined.membership == Membership.objects.get(user=user)
    assert (joined.membership.role, joined.membership.organization) == (Role.TEACHER, center)
    assert last_act(joined.enrollment) == {"action": "teacher.joined", "user": user.pk}
    assert last_act(joined.membership) == {"action": "teacher.joined", "user": user.pk}


@pytest.mark.parametrize("form", ["{}", "  {} ", "«{}»"])
def test_a_teacher_code_is_typed_in_any_form(form):
    order = factories.order()
    typed = form.format(str(order.teacher_code).lower().replace("-", " "))
    assert join_by_teacher_code(typed=typed, by=factories.person()).is_new


@pytest.mark.parametrize("typed", ["", "U7DA7-NIFE-3017", "no code"])
def test_an_unknown_teacher_code_is_distinguished_from_other_refusals(typed):
    with pytest.raises(UnknownCode):
        join_by_teacher_code(typed=typed, by=factories.person())


def test_typing_the_teacher_code_again_loses_nothing():
    order, user = factories.order(), factories.person()
    first = teach(order, user).enrollment
    again = teach(order, user)
    assert not again.is_new
    assert (again.enrollment, again.enrollment.group_key) == (first, first.group_key)
    assert order.enrollments.count() == Membership.objects.filter(user=user).count() == 1


def test_the_teacher_code_leads_to_the_newest_order_in_force_and_its_renewal():
    old = factories.order()
    new = renewed(old)
    coming = renewed(new, start_date=factories.days(101), finish_date=factories.days(200))
    joined = teach(old)
    assert joined.enrollment.order == new
    assert not old.enrollments.exists()
    assert coming.enrollments.get().user == joined.enrollment.user
    change(new, is_active=False)
    assert teach(old).enrollment.order == old


def test_a_teacher_code_of_no_order_in_force_says_why():
    order = factories.order(is_active=False)
    with pytest.raises(DomainError, match="status is: Inactive") as refusal:
        teach(order)
    assert not isinstance(refusal.value, UnknownCode)


# Group keys


def test_each_teacher_of_a_license_has_a_key_of_their_own():
    order = factories.order()
    keys = {str(teach(order).enrollment.group_key) for _ in range(3)}
    assert len(keys) == 3
    assert all([len(part) for part in key.split("-")] == [4, 4, 4, 5] for key in keys)


def test_renewals_with_the_same_code_share_the_teachers_key():
    old = factories.order()
    teacher = teach(old).enrollment
    new = renewed(old)
    assert new.enrollments.get().group_key == teacher.group_key
    newer = renewed(new)
    newer.enrollments.all().delete()
    assert teach(newer, teacher.user).enrollment.group_key == teacher.group_key


def test_the_group_key_takes_a_seat_on_a_center_license(center):
    order, user = factories.order(assigned_to=center), factories.person()
    teacher = teach(order).enrollment
    joined = link(teacher, user)
    assert joined.is_new and joined.is_linked
    assert joined.enrollment.teacher == teacher
    assert (joined.membership.role, joined.membership.organization) == (Role.STUDENT, center)
    assert enrolled(order) == 1
    assert last_act(joined.enrollment) == {"action": "student.linked", "user": user.pk}


def test_the_group_key_leads_to_the_newest_order_in_force():
    old = factories.order()
    teacher = teach(old).enrollment
    new = renewed(old)
    assert link(teacher).enrollment.order == new
    assert (enrolled(old), enrolled(new)) == (0, 1)


def test_typing_the_group_key_again_takes_nothing():
    order, user = factories.order(), factories.person()
    teacher = teach(order).enrollment
    first = link(teacher, user).enrollment
    again = link(teacher, user)
    assert (again.is_new, again.is_linked, again.enrollment) == (False, False, first)
    assert enrolled(order) == 1


def test_another_teachers_key_changes_the_teacher_on_the_renewal_too():
    old = factories.order()
    new = renewed(old, start_date=factories.days(101), finish_date=factories.days(200))
    one, other = teach(old).enrollment, teach(old).enrollment
    user = factories.person()
    link(one, user)
    again = link(other, user)
    assert (again.is_new, again.is_linked, again.enrollment.teacher) == (False, True, other)
    students = [o.enrollments.get(user=user) for o in (old, new)]
    assert [s.teacher.user for s in students] == [other.user, other.user]
    assert [s.teacher.order for s in students] == [old, new]
    assert (enrolled(old), enrolled(new)) == (1, 1)


def test_another_teachers_key_changes_the_teacher_on_overlapping_orders():
    old = factories.order()
    first, second = teach(old).enrollment, teach(old).enrollment
    student = link(first).enrollment
    new = renewed(old)

    changed = link(second, student.user)

    assert (changed.is_new, changed.is_linked) == (False, True)
    for order in (old, new):
        there = order.enrollments.get(user=student.user)
        assert there.teacher.user == second.user


def test_a_full_license_accepts_nobody_and_grants_no_role():
    order, user = factories.order(students=1), factories.person()
    teacher = teach(order).enrollment
    link(teacher)
    with pytest.raises(DomainError, match="has no seats left"):
        link(teacher, user)
    assert not user.memberships.exists()


def test_on_activation_codes_the_key_links_students_of_codes():
    order, user = factories.order(CODES), factories.person()
    teacher = teach(order).enrollment
    with pytest.raises(DomainError, match="Activate your activation code first"):
        link(teacher, user)
    [code, *_] = factories.codes(order)
    student = factories.redemption(code, user=user).enrollment
    joined = link(teacher, user)
    assert (joined.is_new, joined.is_linked, joined.enrollment) == (False, True, student)
    student.refresh_from_db()
    assert student.teacher == teacher
    assert enrolled(order) == 1


def test_on_activation_codes_the_key_links_also_on_the_order_before_the_renewal():
    old, user = factories.order(CODES), factories.person()
    teacher = teach(old).enrollment
    student = factories.redemption(factories.codes(old)[0], user=user).enrollment
    new = renewed(old)
    assert link(teacher, user).enrollment == student
    assert enrolled(new) == 0


def test_a_student_whose_code_ended_is_not_linked():
    order, user = factories.order(CODES), factories.person()
    teacher = teach(order).enrollment
    student = factories.redemption(factories.codes(order)[0], user=user).enrollment
    type(student).objects.filter(pk=student.pk).update(ends_on=factories.days(-1))
    with pytest.raises(DomainError, match="Activate your activation code first"):
        link(teacher, user)
    type(student).objects.filter(pk=student.pk).update(ends_on=factories.today())
    assert link(teacher, user).is_linked


def test_nobody_is_in_a_group_of_their_own():
    order = factories.order()
    teacher = teach(order).enrollment
    with pytest.raises(DomainError, match="your own group key"):
        link(teacher, teacher.user)
    assert enrolled(order) == 0


def test_the_key_of_a_license_that_is_not_in_force_says_why(staff):
    order = factories.order()
    teacher = teach(order).enrollment
    suspend_order(order=order, by=staff, reason="Unpaid")
    with pytest.raises(DomainError, match="status is: Suspended") as refusal:
        link(teacher)
    assert not isinstance(refusal.value, UnknownCode)


@pytest.mark.parametrize("typed", ["", "BCDF-2345", "U7DA7-NIFE-3017"])
def test_an_unknown_key_is_distinguished_from_other_refusals(typed):
    with pytest.raises(UnknownCode):
        join_by_group_key(typed=typed, by=factories.person())


def test_the_key_of_a_removed_teacher_stops_working(staff):
    teacher = teach(factories.order()).enrollment
    remove_enrollment(enrollment=teacher, by=staff)
    with pytest.raises(UnknownCode):
        link(teacher)


@pytest.mark.parametrize("stop", ["full", "paused"])
def test_a_student_with_a_seat_on_an_older_order_is_linked_there_if_the_newest_is_full(staff, stop):
    old, user = factories.order(), factories.person()
    teacher = teach(old).enrollment
    new = renewed(old, students=1)
    enroll_student(order=old, user=user, by=staff)
    if stop == "full":
        link(teacher)
    else:
        pause_joining(order=new, by=staff)
    joined = link(teacher, user)
    assert (joined.is_new, joined.is_linked, joined.enrollment.order) == (False, True, old)
    assert joined.enrollment.teacher == teacher


def test_a_student_on_an_order_and_its_renewal_changes_teacher_on_both():
    old, user = factories.order(), factories.person()
    one, other = teach(old).enrollment, teach(old).enrollment
    link(one, user)
    new = renewed(old)
    again = link(one, user)
    assert (again.is_new, again.is_linked, again.enrollment.order) == (False, False, new)
    moved = link(other, user)
    assert (moved.is_new, moved.is_linked, moved.enrollment.order) == (False, True, new)
    assert moved.enrollment.teacher.user == other.user
    assert linked_to(user) == {old: other.user, new: other.user}
    assert (enrolled(old), enrolled(new)) == (1, 1)


def test_joining_the_renewal_by_another_teachers_key_changes_the_old_order_too():
    old, user = factories.order(), factories.person()
    one, other = teach(old).enrollment, teach(old).enrollment
    new = renewed(old)
    link_on(old, user, one)
    joined = link(other, user)
    assert (joined.is_new, joined.enrollment.order) == (True, new)
    assert linked_to(user) == {old: other.user, new: other.user}


def test_a_code_of_the_renewal_is_linked_though_the_old_one_is_already():
    old, user = factories.order(CODES), factories.person()
    teacher = teach(old).enrollment
    factories.redemption(factories.codes(old)[0], user=user)
    link(teacher, user)
    new = renewed(old)
    student = factories.redemption(factories.codes(new)[0], user=user).enrollment
    joined = link(teacher, user)
    assert (joined.is_new, joined.is_linked, joined.enrollment) == (False, True, student)
    assert joined.enrollment.teacher.order == new
    assert linked_to(user) == {old: teacher.user, new: teacher.user}


def test_the_key_links_again_on_a_coming_renewal_whose_teacher_was_restored(staff):
    old, user = factories.order(), factories.person()
    teacher = teach(old).enrollment
    link(teacher, user)
    coming = renewed(old, start_date=factories.days(101), finish_date=factories.days(200))
    there = coming.enrollments.get(user=teacher.user)
    remove_enrollment(enrollment=there, by=staff)
    there.refresh_from_db()
    restore_enrollment(enrollment=there, by=staff)
    assert linked_to(user) == {old: teacher.user, coming: None}
    joined = link(teacher, user)
    assert (joined.is_new, joined.is_linked) == (False, True)
    assert linked_to(user) == {old: teacher.user, coming: teacher.user}


def test_an_ended_enrollment_stays_with_the_teacher_it_had():
    old, user = factories.order(), factories.person()
    one, other = teach(old).enrollment, teach(old).enrollment
    link(one, user)
    new = renewed(old)
    change(old, start_date=factories.days(-50), finish_date=factories.days(-1))
    assert link(other, user).enrollment.order == new
    assert linked_to(user) == {old: one.user, new: other.user}
    assert not link(other, user).is_linked
