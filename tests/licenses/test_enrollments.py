"""Teachers and students join an order and leave it; never more students than seats."""

import pytest

from jasper_inventory.lib.exceptions import DomainError, NotAllowed
from licenses.models import Enrollment, EnrollmentRole, Order
from licenses.services.enrollments import enroll_student, enroll_teacher, remove_enrollment
from licenses.services.suspensions import suspend_order
from tests import factories
from tests.factories import CODES
from tests.helpers import last_act
from tests.licenses.acts import renewed

pytestmark = pytest.mark.django_db


def teach(order, by=None, user=None):
    return enroll_teacher(order=order, user=user or factories.person(), by=by or factories.staff())


def learn(order, by=None, user=None, **values):
    return enroll_student(
        order=order, user=user or factories.person(), by=by or factories.staff(), **values
    )


def people(order, role):
    return {row.user for row in order.enrollments.current().filter(role=role)}


def students(order):
    return people(order, EnrollmentRole.STUDENT)


def enrolled(order):
    return Order.objects.get(pk=order.pk).enrolled


def test_the_holder_enrolls_a_teacher(admin, center):
    order = factories.order(assigned_to=center)
    joined = teach(order, admin.user)
    assert joined.enrollment.role == EnrollmentRole.TEACHER
    assert enrolled(order) == 0
    assert joined.full == []
    assert last_act(joined.enrollment) == {"action": "teacher.enrolled", "user": admin.user.pk}


def test_the_holder_enrolls_a_student_on_a_center_license(admin, center):
    order = factories.order(assigned_to=center)
    teacher = teach(order, admin.user).enrollment
    joined = learn(order, admin.user, teacher=teacher)
    assert joined.enrollment.teacher == teacher
    assert joined.enrollment.ends_on is None
    assert enrolled(order) == 1
    assert last_act(joined.enrollment) == {"action": "student.enrolled", "user": admin.user.pk}


def test_only_holder_and_cci_enroll_or_remove_people(hub_admin, foreign_admin, center, staff):
    order = factories.order(assigned_to=center)
    enrollment = teach(order, staff).enrollment
    for by in (hub_admin.user, foreign_admin.user):
        with pytest.raises(NotAllowed):
            teach(order, by)
        with pytest.raises(NotAllowed):
            learn(order, by)
        with pytest.raises(NotAllowed):
            remove_enrollment(enrollment=enrollment, by=by)


def test_students_join_user_activation_codes_by_a_code_only():
    order = factories.order(CODES)
    with pytest.raises(DomainError, match="by redeeming a code") as refusal:
        learn(order)
    assert refusal.value.field == "role"
    assert teach(order).enrollment.pk


@pytest.mark.parametrize(
    "values",
    [
        {"start_date": factories.days(1)},
        {"start_date": factories.days(-9), "finish_date": factories.days(-1)},
        {"is_active": False},
    ],
)
@pytest.mark.parametrize("join", [teach, learn])
def test_nobody_joins_an_order_that_is_not_in_force(values, join):
    order = factories.order(**values)
    # The holder's other orders make no difference.
    factories.order(assigned_to=order.assigned_to)
    with pytest.raises(DomainError, match="isn't in force"):
        join(order)
    assert not order.enrollments.exists()


def test_nobody_joins_an_order_suspended_since_it_was_loaded(staff):
    order = factories.order()
    suspend_order(order=Order.objects.get(pk=order.pk), by=staff, reason="Unpaid")
    with pytest.raises(DomainError, match="isn't in force"):
        learn(order)


def test_nobody_joins_a_request(staff):
    with pytest.raises(DomainError, match="isn't in force"):
        teach(factories.license_request())


def test_nobody_is_on_an_order_twice():
    order, user = factories.order(), factories.person(first_name="Sue", last_name="Wong")
    for join in (teach, learn):
        join(order, user=user)
        with pytest.raises(DomainError) as refusal:
            join(order, user=user)
        assert str(refusal.value) == f"Sue Wong is already on order {order}."
        assert refusal.value.field == "user"
    assert enrolled(order) == 1


def test_a_full_order_takes_no_student_but_teachers():
    order = factories.order(students=1)
    learn(order)
    with pytest.raises(DomainError, match="has no seats left"):
        learn(order)
    teach(order)
    assert enrolled(order) == 1


def test_allocated_seats_are_not_available_to_students(hub, center, staff):
    parent = factories.order(assigned_to=hub, students=10)
    factories.order(
        assigned_to=center,
        parent=parent,
        product_mix=list(parent.products.all()),
        students=9,
        by=staff,
    )
    learn(parent)
    with pytest.raises(DomainError, match="has no seats left"):
        learn(parent)


def test_a_site_license_is_never_full():
    order = factories.order(students=None)
    for _ in range(3):
        learn(order)
    assert enrolled(order) == 3


def test_a_student_is_linked_to_a_teacher_of_the_same_order():
    order = factories.order()
    gone = teach(order).enrollment
    remove_enrollment(enrollment=Enrollment.objects.get(pk=gone.pk), by=factories.staff())
    for wrong in (teach(factories.order()).enrollment, learn(order).enrollment, gone):
        with pytest.raises(DomainError, match="teacher of the same order") as refusal:
            learn(order, teacher=wrong)
        assert refusal.value.field == "teacher"
    assert enrolled(order) == 1


# Leaving


def test_removing_a_student_frees_the_seat(staff):
    order = factories.order(students=1)
    enrollment = learn(order).enrollment
    remove_enrollment(enrollment=enrollment, by=staff)
    assert enrolled(order) == 0
    assert last_act(enrollment) == {"action": "enrollment.removed", "user": staff.pk}
    learn(order, user=enrollment.user)
    assert enrolled(order) == 1


def test_a_person_is_removed_once(staff):
    order = factories.order()
    learn(order)
    enrollment = learn(order).enrollment
    stale = Enrollment.objects.get(pk=enrollment.pk)
    remove_enrollment(enrollment=enrollment, by=staff)
    with pytest.raises(DomainError, match="already removed from the order"):
        remove_enrollment(enrollment=stale, by=staff)
    assert enrolled(order) == 1


def test_removing_a_teacher_unlinks_the_students_and_frees_no_seat(staff):
    order = factories.order()
    teacher = teach(order).enrollment
    student = learn(order, teacher=teacher).enrollment
    remove_enrollment(enrollment=teacher, by=staff)
    student.refresh_from_db()
    assert student.teacher is None and student.removed_at is None
    assert enrolled(order) == 1


def test_a_student_of_a_code_is_not_removed_this_way(staff):
    [code, *_] = factories.codes(factories.order(CODES))
    redemption = factories.redemption(code)
    with pytest.raises(DomainError, match="Reclaim its redemption"):
        remove_enrollment(enrollment=redemption.enrollment, by=staff)


# Renewals with the same teacher code


def test_a_person_who_joins_the_old_one_before_the_new_one_starts_is_copied_too():
    old = factories.order()
    new = renewed(old)
    teacher, student = teach(old).enrollment, learn(old).enrollment
    assert people(new, EnrollmentRole.TEACHER) == {teacher.user}
    assert students(new) == {student.user}
    assert (enrolled(old), enrolled(new)) == (1, 1)


def test_a_copied_student_keeps_the_teacher():
    old = factories.order()
    new = renewed(old)
    teacher = teach(old).enrollment
    student = learn(old, teacher=teacher).enrollment
    copy = new.enrollments.get(user=student.user)
    assert copy.teacher == new.enrollments.get(user=teacher.user)


def test_if_the_new_one_is_full_only_the_old_is_joined_and_it_says_so():
    old = factories.order()
    new = renewed(old, students=1)
    assert learn(old).full == []
    joined = learn(old)
    assert joined.full == [new]
    assert (enrolled(old), enrolled(new)) == (2, 1)
    assert teach(old).full == []


def test_renewals_of_renewals_are_joined_too():
    old = factories.order()
    new = renewed(old)
    newest = renewed(new, start_date=factories.days(201), finish_date=factories.days(300))
    learn(old)
    assert (enrolled(old), enrolled(new), enrolled(newest)) == (1, 1, 1)


def test_a_person_already_on_the_new_one_is_not_counted_twice():
    old = factories.order()
    new = renewed(old, start_date=factories.today())
    user = factories.person()
    learn(new, user=user)
    learn(old, user=user)
    assert (enrolled(old), enrolled(new)) == (1, 1)


def test_a_renewal_with_a_new_code_is_not_joined():
    old = factories.order()
    new = renewed(old)
    Order.objects.filter(pk=new.pk).update(teacher_code=factories.order().teacher_code)
    learn(old)
    teach(old)
    assert not new.enrollments.exists()


def test_a_teacher_of_codes_is_copied_and_a_student_redeems_a_new_one():
    old = factories.order(CODES)
    new = renewed(old)
    [code, *_] = factories.codes(old)
    teacher = teach(old).enrollment
    factories.redemption(code)
    assert people(new, EnrollmentRole.TEACHER) == {teacher.user}
    assert not students(new)
    assert (enrolled(old), enrolled(new)) == (1, 0)
