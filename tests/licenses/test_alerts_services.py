"""Alert numbers, the pause of new enrollments, and replacing the teacher code."""

import pytest

from jasper_inventory.lib.code_format import LENGTH
from jasper_inventory.lib.exceptions import DomainError, NotAllowed
from licenses.models import Order, OrderStatus, TeacherCode
from licenses.services.alerts import set_alerts
from licenses.services.enrollments import (
    enroll_student,
    enroll_teacher,
    pause_joining,
    unpause_joining,
)
from licenses.services.join_codes import replace_teacher_code
from tests import factories
from tests.helpers import at_once, change, last_act, refusals, refused
from tests.licenses.acts import allocate, parent_of, renewed

pytestmark = pytest.mark.django_db


@pytest.fixture
def site(center, staff):
    return factories.order(assigned_to=center, students=None, by=staff)


@pytest.fixture
def child(hub, center, hub_admin):
    return allocate(parent_of(hub, students=None), center, hub_admin.user, students=None)


def fresh(order):
    return Order.objects.get(pk=order.pk)


def replace(order, by):
    return replace_teacher_code(order=order, shown=order.teacher_code_id, by=by)


ACTS = {
    "alerts": lambda order, by: set_alerts(order=order, first_alert=10, second_alert=20, by=by),
    "pause": lambda order, by: pause_joining(order=order, by=by),
    "code": replace,
}


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
def test_holder_assigner_and_cci_may_and_no_one_otherwise(
    act, child, admin, hub_admin, foreign_admin, teacher, staff
):
    above = factories.member(factories.vendor())
    for by in (foreign_admin.user, teacher.user, above.user, factories.person()):
        with pytest.raises(NotAllowed):
            act(child, by)
    for by in (admin.user, hub_admin.user, staff):
        change(child, joining_paused_at=None, joining_paused_by=None, first_alert=5)
        act(fresh(child), by)
        assert last_act(fresh(child))["user"] == by.pk


@pytest.mark.parametrize("act", [ACTS["alerts"], ACTS["pause"]], ids=["alerts", "pause"])
def test_of_approved_orders_only(act, admin, staff):
    with pytest.raises(DomainError, match="Only an approved order"):
        act(factories.license_request(membership=admin), staff)


@pytest.mark.parametrize(
    ("first", "second", "field"),
    [
        (0, 500, "first_alert"),
        (1_000_001, 1_000_002, "first_alert"),
        (500, 500, "second_alert"),
        (500, 400, "second_alert"),
        (400, 1_000_001, "second_alert"),
    ],
)
def test_meaningless_numbers_are_refused(site, admin, first, second, field):
    with pytest.raises(DomainError) as refusal:
        set_alerts(order=site, first_alert=first, second_alert=second, by=admin.user)
    assert refusal.value.field == field
    assert (fresh(site).first_alert, fresh(site).second_alert) == (400, 500)


@pytest.mark.parametrize(
    ("first", "second", "field"),
    [(450, 600, "first_alert"), (300, 450, "first_alert"), (400, 450, "second_alert")],
)
def test_a_number_of_students_that_there_are_already_is_refused(site, admin, first, second, field):
    change(site, enrolled=450)
    with pytest.raises(DomainError, match="There are already 450 students") as refusal:
        set_alerts(order=site, first_alert=first, second_alert=second, by=admin.user)
    assert refusal.value.field == field
    # Sent notices stay as they are.
    set_alerts(order=site, first_alert=400, second_alert=451, by=admin.user)
    assert (fresh(site).first_alert, fresh(site).second_alert) == (400, 451)


@pytest.mark.parametrize(("first", "second"), [(1, 2), (999_999, 1_000_000)])
def test_the_least_and_the_most(site, admin, first, second):
    set_alerts(order=site, first_alert=first, second_alert=second, by=admin.user)
    assert (fresh(site).first_alert, fresh(site).second_alert) == (first, second)
    assert last_act(fresh(site)) == {"action": "alerts.set", "user": admin.user.pk}


def test_a_limited_license_has_no_alerts_to_set(center, staff):
    for kind in (factories.CENTER, factories.CODES):
        order = factories.order(kind, assigned_to=center)
        with pytest.raises(DomainError, match="Only an unlimited license"):
            set_alerts(order=order, first_alert=1, second_alert=2, by=staff)


@pytest.mark.parametrize("values", [{"first_alert": 0}, {"first_alert": 500}])
def test_the_database_refuses_such_numbers_too(site, values):
    with refused("licenses_order_alert_numbers"):
        change(site, **values)


def test_the_database_records_the_person_who_paused(site, staff):
    with refused("licenses_order_joining_paused_by_and_at"):
        change(site, joining_paused_by=staff)


def test_while_paused_nobody_joins_and_enrolled_people_stay(site, admin, staff):
    on_it = enroll_student(order=site, user=factories.person(), by=staff).enrollment
    pause_joining(order=site, by=admin.user, reason="  The code  is in a forum ")
    paused = fresh(site)
    assert paused.joining_paused_by == admin.user
    assert paused.joining_pause_reason == "The code is in a forum"
    assert last_act(paused) == {
        "action": "joining.paused",
        "user": admin.user.pk,
        "reason": "The code is in a forum",
    }
    for join in (enroll_student, enroll_teacher):
        with pytest.raises(DomainError) as refusal:
            join(order=site, user=factories.person(), by=staff)
        assert str(refusal.value) == f"Enrollment on order {site} is paused."
    assert list(site.enrollments.current()) == [on_it]
    assert paused.enrolled == 1
    assert paused.status_on(factories.today()) == OrderStatus.AVAILABLE

    unpause_joining(order=site, by=admin.user)
    assert last_act(fresh(site)) == {"action": "joining.allowed", "user": admin.user.pk}
    assert fresh(site).joining_pause_reason == ""
    assert enroll_student(order=site, user=factories.person(), by=staff).enrollment.pk


def test_while_paused_no_code_is_redeemed_and_none_is_used(center, admin):
    order = factories.order(factories.CODES, assigned_to=center)
    [code, *_rest] = factories.codes(order)
    pause_joining(order=order, by=admin.user)
    with pytest.raises(DomainError, match="is paused"):
        factories.redemption(code)
    code.refresh_from_db()
    assert (code.used, fresh(order).enrolled) == (0, 0)


def test_each_of_the_three_can_resume_enrollment_paused_by_another(child, admin, hub_admin, staff):
    for paused_by, allowed_by in ((staff, admin.user), (hub_admin.user, staff)):
        pause_joining(order=child, by=paused_by)
        unpause_joining(order=child, by=allowed_by)
    assert fresh(child).joining_paused_at is None


def test_twice_is_refused_in_words(site, admin):
    with pytest.raises(DomainError, match="isn't paused"):
        unpause_joining(order=site, by=admin.user)
    pause_joining(order=site, by=admin.user)
    with pytest.raises(DomainError, match="already paused"):
        pause_joining(order=site, by=admin.user)


def test_too_long_a_reason_is_refused(site, admin):
    with pytest.raises(DomainError) as refusal:
        pause_joining(order=site, by=admin.user, reason="x" * 501)
    assert refusal.value.field == "reason"


def test_the_pause_does_not_reach_orders_allocated_from_it(child, hub_admin, staff):
    pause_joining(order=child.parent, by=hub_admin.user)
    assert enroll_student(order=child, user=factories.person(), by=staff).enrollment.pk


def test_people_are_carried_over_to_a_paused_renewal(site, admin, staff):
    new = renewed(site, students=None)
    pause_joining(order=new, by=admin.user)
    joined = enroll_student(order=site, user=factories.person(), by=staff)
    assert joined.full == []
    assert fresh(new).enrolled == 1


def test_a_new_teacher_code_ends_the_old_one_and_nobody_leaves(site, admin, staff):
    enroll_teacher(order=site, user=factories.person(), by=staff)
    old = site.teacher_code
    made = replace(site, admin.user)
    assert made.code != old.code and len(made.code) == LENGTH
    assert fresh(site).teacher_code == made
    assert not Order.objects.filter(teacher_code=old).exists()
    # Kept, so that it is never issued again.
    assert TeacherCode.objects.filter(pk=old.pk).exists()
    assert site.enrollments.current().count() == 1
    act = last_act(fresh(site))
    assert act == {"action": "teacher code.replaced", "user": admin.user.pk}


def test_all_orders_that_share_the_code_get_the_new_one(site, admin, center):
    scheduled = renewed(site, students=None)
    later = renewed(
        scheduled, start_date=factories.days(201), finish_date=factories.days(300), students=None
    )
    other = factories.order(assigned_to=center)
    code = other.teacher_code
    made = replace(scheduled, admin.user)
    assert {fresh(order).teacher_code for order in (site, scheduled, later)} == {made}
    assert fresh(other).teacher_code == code


def test_pressed_twice_it_is_replaced_once(site, admin):
    made = replace(site, admin.user)
    with pytest.raises(DomainError, match="already replaced"):
        replace(site, admin.user)
    assert fresh(site).teacher_code == made


def test_the_code_of_another_order_is_not_touched(site, admin, foreign_admin):
    foreign = factories.order(assigned_to=foreign_admin.organization)
    with pytest.raises(DomainError, match="already replaced"):
        replace_teacher_code(order=site, shown=foreign.teacher_code_id, by=admin.user)
    assert fresh(foreign).teacher_code == foreign.teacher_code


@pytest.mark.django_db(transaction=True)
def test_two_replace_the_code_at_once():
    by = factories.staff()
    old = factories.order(students=None, by=by)
    new = renewed(old, students=None)
    results = at_once(lambda: replace(old, by), lambda: replace(new, by), hold=old)
    [refusal] = refusals(results)
    assert str(refusal) == "The teacher code was already replaced."
    [made] = [each for each in results if isinstance(each, TeacherCode)]
    assert {fresh(old).teacher_code, fresh(new).teacher_code} == {made}


@pytest.mark.django_db(transaction=True)
def test_a_person_who_joins_while_it_is_being_paused_is_refused():
    by = factories.staff()
    order = factories.order(students=None, by=by)
    user = factories.person()
    results = at_once(
        lambda: pause_joining(order=order, by=by),
        lambda: enroll_student(order=order, user=user, by=by),
        hold=order,
    )
    [refusal] = refusals(results)
    assert str(refusal) == f"Enrollment on order {order} is paused."
    assert fresh(order).enrolled == 0
