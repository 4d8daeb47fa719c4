"""A teacher replaces the group key; removed people are restored."""

import pytest
from django.db import IntegrityError

from jasper_inventory.accounts.models import Role
from jasper_inventory.accounts.services.memberships import revoke_role
from jasper_inventory.lib.exceptions import DomainError, NotAllowed, UnknownCode
from licenses.models import Enrollment, GroupKey
from licenses.services import join_codes as join_codes
from licenses.services.enrollments import remove_enrollment, restore_enrollment
from licenses.services.join_codes import replace_group_key
from licenses.services.joins import join_by_group_key
from licenses.services.order_edits import edit_order
from tests import factories
from tests.helpers import last_act, refused
from tests.licenses.joins import enrolled, link, renewed, teach

pytestmark = pytest.mark.django_db


def replace(teacher, by=None):
    return replace_group_key(teacher=teacher, by=by or teacher.user)


def test_the_old_key_stops_working_immediately():
    order = factories.order()
    teacher = teach(order).enrollment
    old = str(teacher.group_key)
    key = replace(teacher)
    with pytest.raises(UnknownCode):
        join_by_group_key(typed=old, by=factories.person())
    assert join_by_group_key(typed=str(key), by=factories.person()).is_new
    assert last_act(key) == {"action": "group key.replaced", "user": teacher.user.pk}


def test_a_key_replaced_on_one_order_is_replaced_on_its_renewal():
    old = factories.order()
    teacher = teach(old).enrollment
    new = renewed(old)
    key = replace(teacher)
    assert new.enrollments.get().group_key == key


def test_another_teacher_code_leaves_the_keys(staff):
    order = factories.order()
    teacher = teach(order).enrollment
    edit_order(
        order=order,
        by=staff,
        teacher_code="U7DA7-NIFE-3017",
    )
    order.refresh_from_db()
    assert link(teacher).is_new
    assert teach(order, teacher.user).enrollment == teacher


def test_only_the_teacher_replaces_the_key(staff, admin, center):
    order = factories.order(assigned_to=center)
    teacher = teach(order).enrollment
    student = link(teacher).enrollment
    for by in (staff, admin.user, student.user, teach(order).enrollment.user):
        with pytest.raises(NotAllowed):
            replace(teacher, by)
    with pytest.raises(NotAllowed):
        replace(student)


def test_a_removed_teacher_replaces_no_key(staff):
    teacher = teach(factories.order()).enrollment
    remove_enrollment(enrollment=teacher, by=staff)
    with pytest.raises(DomainError, match="You were removed"):
        replace(teacher)


def test_a_teacher_from_before_there_were_keys_gets_one_for_the_whole_license():
    old = factories.order()
    teacher = teach(old).enrollment
    new = renewed(old)
    Enrollment.objects.update(group_key=None)
    GroupKey.objects.all().delete()
    key = replace(teacher)
    assert {row.group_key for row in Enrollment.objects.all()} == {key}
    assert link(new.enrollments.get()).is_new


def test_a_key_that_exists_is_drawn_again(monkeypatch):
    taken = teach(factories.order()).enrollment.group_key
    draws = iter([taken.key, "BCDF2345", taken.key, "BCDF6789"])
    monkeypatch.setattr(join_codes, "new_key", lambda: next(draws))
    teacher = teach(factories.order()).enrollment
    assert str(teacher.group_key) == "BCDF-2345"
    assert str(replace(teacher)) == "BCDF-6789"


def test_two_teachers_of_an_order_share_no_key():
    order = factories.order()
    one, other = teach(order).enrollment, teach(order).enrollment
    with refused("licenses_enrollment_own_group_key"):
        Enrollment.objects.filter(pk=other.pk).update(group_key=one.group_key)


def test_only_a_teacher_has_a_key():
    teacher = teach(factories.order()).enrollment
    student = link(teacher).enrollment
    with refused("licenses_enrollment_group_key_of_teacher"):
        Enrollment.objects.filter(pk=student.pk).update(group_key=teacher.group_key)


@pytest.mark.parametrize("key", ["BCDF234", "BCDF234A", "bcdf2345"])
def test_a_key_has_eight_characters_of_the_alphabet(key):
    with pytest.raises(IntegrityError, match="licenses_groupkey_format"):
        GroupKey.objects.create(key=key)


# Undoing a removal


def removed(enrollment, staff):
    remove_enrollment(enrollment=enrollment, by=staff)
    enrollment.refresh_from_db()
    return enrollment


def test_removing_a_student_is_undone(staff):
    order = factories.order(students=1)
    teacher = teach(order).enrollment
    student = removed(link(teacher).enrollment, staff)
    assert enrolled(order) == 0
    restore_enrollment(enrollment=student, by=staff)
    student.refresh_from_db()
    assert (student.removed_at, student.teacher, enrolled(order)) == (None, teacher, 1)
    assert last_act(student) == {"action": "enrollment.restored", "user": staff.pk}


def test_it_is_not_undone_without_a_free_seat(staff):
    order = factories.order(students=1)
    teacher = teach(order).enrollment
    student = removed(link(teacher).enrollment, staff)
    link(teacher)
    with pytest.raises(DomainError, match="has no seats left"):
        restore_enrollment(enrollment=student, by=staff)
    assert enrolled(order) == 1


def test_it_is_not_undone_for_students_who_joined_again_nor_twice(staff):
    order = factories.order()
    teacher = teach(order).enrollment
    student = removed(link(teacher).enrollment, staff)
    again = link(teacher, student.user).enrollment
    with pytest.raises(DomainError, match="already"):
        restore_enrollment(enrollment=student, by=staff)
    with pytest.raises(DomainError, match="already"):
        restore_enrollment(enrollment=again, by=staff)
    assert enrolled(order) == 1


def test_a_teacher_who_returns_has_the_old_key_and_no_students(staff):
    order = factories.order()
    teacher = teach(order).enrollment
    student = link(teacher).enrollment
    restore_enrollment(enrollment=removed(teacher, staff), by=staff)
    student.refresh_from_db()
    assert student.teacher is None
    assert link(teacher, student.user).enrollment == student
    assert enrolled(order) == 1


def test_only_holder_and_cci_undo(admin, hub_admin, foreign_admin, center, staff):
    student = link(teach(factories.order(assigned_to=center)).enrollment).enrollment
    removed(student, staff)
    for by in (hub_admin.user, foreign_admin.user, student.user):
        with pytest.raises(NotAllowed):
            restore_enrollment(enrollment=student, by=by)
    restore_enrollment(enrollment=student, by=admin.user)


def test_a_restored_person_has_the_role_again(staff, center):
    order = factories.order(assigned_to=center)
    teacher = removed(teach(order).enrollment, staff)
    revoke_role(user=teacher.user, organization=center, role=Role.TEACHER, by=staff)
    restore_enrollment(enrollment=teacher, by=staff)
    assert teacher.user.memberships.get().role == Role.TEACHER
