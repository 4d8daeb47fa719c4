"""Joining at once with other acts: never one too many, never linked to a removed teacher."""

import pytest

from jasper_inventory.accounts.models import Membership
from jasper_inventory.lib.exceptions import DomainError, UnknownCode
from licenses.models import Enrollment, GroupKey, Order
from licenses.services.enrollments import remove_enrollment, restore_enrollment
from licenses.services.join_codes import replace_group_key
from licenses.services.joins import join_by_group_key
from tests import factories
from tests.helpers import at_once, refusals
from tests.licenses.joins import enrolled, link, teach

pytestmark = pytest.mark.django_db(transaction=True)


def people(number):
    return [factories.person() for _ in range(number)]


def by_key(key, user):
    return lambda: join_by_group_key(typed=key, by=user)


@pytest.mark.parametrize("seats, students", [(1, 2), (3, 8)])
def test_the_last_seats_are_taken_by_as_many_students(seats, students):
    order = factories.order(students=seats)
    key = str(teach(order).enrollment.group_key)
    results = at_once(*(by_key(key, user) for user in people(students)), hold=order)
    assert len(refusals(results)) == students - seats
    assert enrolled(order) == order.enrollments.students().count() == seats


def test_one_student_who_types_the_key_twice_at_once_takes_one_seat():
    order = factories.order()
    key, user = str(teach(order).enrollment.group_key), factories.person()
    results = at_once(*[by_key(key, user)] * 3, hold=order)
    assert sorted(joined.is_new for joined in results) == [False, False, True]
    assert (enrolled(order), Membership.objects.filter(user=user).count()) == (1, 1)


def test_one_teacher_who_types_the_code_twice_at_once_is_one_teacher_with_one_key():
    order, user = factories.order(), factories.person()
    results = at_once(*[lambda: teach(order, user)] * 3, hold=order)
    assert sorted(joined.is_new for joined in results) == [False, False, True]
    assert order.enrollments.count() == GroupKey.objects.count() == 1


def test_a_student_who_types_a_key_while_it_is_replaced_joins_or_is_refused():
    order = factories.order()
    teacher = teach(order).enrollment
    key = str(teacher.group_key)
    replaced, joined = at_once(
        lambda: replace_group_key(teacher=teacher, by=teacher.user),
        by_key(key, factories.person()),
        hold=order,
    )
    assert str(replaced) != key
    assert isinstance(joined, UnknownCode)
    assert enrolled(order) == 0
    assert link(Enrollment.objects.get(pk=teacher.pk)).is_new


def test_nobody_is_linked_to_a_teacher_who_is_removed_meanwhile(staff):
    order = factories.order()
    teacher = teach(order).enrollment
    other = teach(order).enrollment
    student = link(other).enrollment
    gone, *late = at_once(
        lambda: remove_enrollment(enrollment=teacher, by=staff),
        by_key(str(teacher.group_key), student.user),
        by_key(str(teacher.group_key), factories.person()),
        hold=order,
    )
    assert gone is None
    assert [type(result) for result in late] == [UnknownCode, UnknownCode]
    assert not Enrollment.objects.filter(teacher=teacher).exists()
    assert enrolled(order) == 1


def test_a_student_linked_first_is_unlinked_with_the_teacher(staff):
    order = factories.order()
    teacher = teach(order).enrollment
    joined, gone = at_once(
        by_key(str(teacher.group_key), factories.person()),
        lambda: remove_enrollment(enrollment=teacher, by=staff),
        hold=order,
    )
    assert gone is None
    assert Enrollment.objects.get(pk=joined.enrollment.pk).teacher is None
    assert enrolled(order) == 1


def test_the_last_seat_is_taken_by_a_restored_or_a_new_student(staff):
    order = factories.order(students=1)
    teacher = teach(order).enrollment
    student = link(teacher).enrollment
    remove_enrollment(enrollment=student, by=staff)
    results = at_once(
        lambda: restore_enrollment(enrollment=student, by=staff),
        by_key(str(teacher.group_key), factories.person()),
        hold=order,
    )
    [refusal] = refusals(results)
    assert isinstance(refusal, DomainError)
    assert enrolled(order) == 1


def test_restoring_twice_at_once_counts_one_seat(staff):
    order = factories.order()
    student = link(teach(order).enrollment).enrollment
    remove_enrollment(enrollment=student, by=staff)
    results = at_once(*[lambda: restore_enrollment(enrollment=student, by=staff)] * 3, hold=order)
    assert len(refusals(results)) == 2
    assert Order.objects.get(pk=order.pk).enrolled == 1
