"""Renewals: the offered terms, permissions to request and review, people carried over."""

import pytest
from django.core import mail

from activation_codes.services.codes import save_settings
from jasper_inventory.accounts.models import Notice
from jasper_inventory.lib.exceptions import DomainError, NotAllowed
from jasper_inventory.people.erasure import erase_person
from licenses.models import EnrollmentRole, Order, OrderStatus, Outcome
from licenses.models.code_settings import CODE_SETTINGS
from licenses.services.alerts import set_alerts
from licenses.services.enrollments import enroll_student, enroll_teacher, remove_enrollment
from licenses.services.requests import reject_request, withdraw_request
from licenses.services.suspensions import suspend_order
from renewals import services
from renewals.models import RenewalRequest
from tests import factories
from tests.factories import CODES
from tests.helpers import last_act
from tests.renewals.acts import approve, students

pytestmark = pytest.mark.django_db


def teach(order):
    by = factories.staff()
    return enroll_teacher(order=order, user=factories.person(), by=by).enrollment


def people(order, role):
    return {row.user for row in order.enrollments.current().filter(role=role)}


def notified(renewal, what):
    notices = Notice.objects.filter(event=f"renewal request {renewal.pk} {what}")
    return set(notices.values_list("address", flat=True))


@pytest.fixture
def order(center):
    return factories.order(assigned_to=center, students=100)


# Approving


def test_cci_approves_and_a_new_order_is_created(order, staff, admin):
    renewal = factories.renewal_request(
        order, membership=admin, students=80, purchase_order="PO 2", comments="As before"
    )
    new = approve(renewal, staff, students=70, comments=" Fewer ")
    new = Order.objects.get(pk=new.pk)
    renewal.refresh_from_db()
    assert (renewal.outcome, renewal.new_order) == (Outcome.APPROVED, new)
    assert (renewal.reviewed_by, renewal.approval_comments) == (staff, "Fewer")
    assert (new.renewal_of, new.assigned_to) == (order, order.assigned_to)
    assert (new.start_date, new.finish_date) == (renewal.start_date, renewal.finish_date)
    assert (new.students, new.requested_students, new.purchase_order) == (70, 80, "PO 2")
    assert (new.requester_comments, new.approval_comments) == ("As before", "Fewer")
    assert (new.requested_by, new.reviewed_by) == (admin.user, staff)
    assert new.assigned_by_organization == factories.vendor()
    assert new.number > order.number
    assert new.status_on(factories.today()) == OrderStatus.SCHEDULED
    assert Order.objects.with_was_renewed().get(pk=order.pk).was_renewed
    assert last_act(renewal) == {"action": "renewal.approved", "user": staff.pk}
    assert last_act(new) == {"action": "renewal.approved", "user": staff.pk}


@pytest.mark.parametrize("kind", [factories.CENTER, CODES])
def test_type_and_product_mix_are_the_orders(center, staff, kind):
    mix = factories.products(3)
    order = factories.order(kind, assigned_to=center, product_mix=mix)
    new = approve(factories.renewal_request(order), staff)
    assert new.inventory_type == kind
    assert set(new.products.all()) == set(mix)


def test_a_retired_product_stays_on_the_renewal(order, staff):
    order.products.update(is_retired=True)
    new = approve(factories.renewal_request(order), staff)
    assert set(new.products.all()) == set(order.products.all())


def test_a_supplier_below_cci_approves_out_of_its_own_order(order, hub, hub_admin):
    mix = list(order.products.all())
    parent = factories.order(
        assigned_to=hub, product_mix=mix, students=100, finish_date=factories.days(300)
    )
    new = approve(factories.renewal_request(order, students=60), hub_admin.user, parent=parent)
    parent.refresh_from_db()
    assert (new.parent, new.assigned_by_organization) == (parent, hub)
    assert (parent.allocated, parent.seats_available) == (60, 40)


def test_terms_that_exceed_the_parent_order_leave_the_request_pending(order, hub, hub_admin):
    mix = list(order.products.all())
    parent = factories.order(assigned_to=hub, product_mix=mix, students=100)
    renewal = factories.renewal_request(order)
    with pytest.raises(DomainError, match="The parent order runs from"):
        approve(renewal, hub_admin.user, parent=parent)
    renewal.refresh_from_db()
    parent.refresh_from_db()
    assert renewal.is_pending and parent.allocated == 0
    assert not Order.objects.filter(renewal_of=order).exists()


def test_a_supplier_below_cci_needs_a_parent_order_of_its_own(order, hub_admin, center):
    renewal = factories.renewal_request(order)
    with pytest.raises(DomainError, match="Choose the order") as refusal:
        approve(renewal, hub_admin.user)
    assert refusal.value.field == "parent"
    with pytest.raises(DomainError, match="supplier's own") as refusal:
        approve(renewal, hub_admin.user, parent=factories.order(assigned_to=center))
    assert refusal.value.field == "parent"


def test_only_the_supplier_and_cci_review(order, admin, foreign_admin):
    renewal = factories.renewal_request(order)
    for by in (admin.user, foreign_admin.user):
        with pytest.raises(NotAllowed, match="Only Harbour Hub can review this request."):
            approve(renewal, by)
        with pytest.raises(NotAllowed, match="Only Harbour Hub can review this request."):
            reject_request(request=renewal, by=by, comments="No")


def test_an_order_suspended_meanwhile_is_not_renewed(order, staff):
    renewal = factories.renewal_request(order)
    suspend_order(order=order, by=staff, reason="Unpaid")
    with pytest.raises(DomainError, match="A suspended order can't be renewed."):
        approve(renewal, staff)


# The code, and people carried over


def test_with_a_new_code_nobody_is_carried_over(order, staff):
    students(order, 2)
    teach(order)
    new = approve(factories.renewal_request(order, code_choice="new"), staff)
    assert new.teacher_code != order.teacher_code
    assert not new.enrollments.exists()
    assert new.enrolled == 0


def test_a_new_code_may_be_typed(order, staff):
    renewal = factories.renewal_request(order, code_choice="new")
    new = approve(renewal, staff, teacher_code="U7DA7-NIFE-3017")
    assert str(new.teacher_code) == "U7DA7-NIFE-3017"


def test_with_the_existing_code_teachers_and_students_keep_their_seat(order, staff):
    teacher = teach(order)
    learners = students(order, 3)
    learners[0].teacher = teacher
    learners[0].save()
    remove_enrollment(enrollment=learners.pop(), by=staff)
    new = approve(factories.renewal_request(order, code_choice="existing"), staff)
    assert new.teacher_code == order.teacher_code
    assert people(new, EnrollmentRole.TEACHER) == {teacher.user}
    assert people(new, EnrollmentRole.STUDENT) == {row.user for row in learners}
    assert new.enrolled == 2
    assert Order.objects.get(pk=new.pk).enrolled == 2
    linked = new.enrollments.get(user=learners[0].user).teacher
    assert linked.order == new and linked.user == teacher.user
    assert linked.group_key == teacher.group_key
    assert Order.objects.get(pk=order.pk).enrolled == 2


def test_fewer_seats_than_people_are_refused_with_the_shortage_named(order, staff):
    students(order, 5)
    renewal = factories.renewal_request(order, code_choice="existing", students=3)
    with pytest.raises(DomainError) as refusal:
        approve(renewal, staff)
    shortage = "5 students keep their seats, but there is room for only 3: 2 too few."
    assert str(refusal.value) == shortage
    assert refusal.value.field == "students"
    renewal.refresh_from_db()
    assert renewal.is_pending
    assert not Order.objects.filter(renewal_of=order).exists()
    assert approve(renewal, staff, students=5).seats_available == 0


def test_an_erased_person_keeps_no_seat_on_a_renewal(order, staff):
    gone_teacher, teacher = teach(order), teach(order)
    gone, student, other = students(order, 3)
    for enrollment, linked_to in ((student, gone_teacher), (other, teacher)):
        type(enrollment).objects.filter(pk=enrollment.pk).update(teacher=linked_to)
    for enrollment in (gone_teacher, gone):
        erase_person(user=enrollment.user, by=staff)
    renewal = factories.renewal_request(order, code_choice="existing", students=2)
    assert services.keepers(renewal, seats=2) == services.Keepers(1, 2, 0)
    new = approve(renewal, staff, students=2)
    assert people(new, EnrollmentRole.TEACHER) == {teacher.user}
    assert people(new, EnrollmentRole.STUDENT) == {student.user, other.user}
    # Students linked to a removed teacher link to another teacher.
    assert new.enrollments.get(user=student.user).teacher is None
    assert new.enrollments.get(user=other.user).teacher.user == teacher.user
    assert Order.objects.get(pk=new.pk).enrolled == 2
    # The old order keeps its counts.
    assert Order.objects.get(pk=order.pk).enrolled == 3


def test_an_unlimited_renewal_has_room_for_everyone(order, staff):
    students(order, 2)
    new = approve(factories.renewal_request(order, code_choice="existing", students=None), staff)
    assert (new.enrolled, new.seats_available) == (2, None)


def test_teachers_of_codes_keep_their_seat_and_students_redeem_a_new_one(center, staff):
    order = factories.order(CODES, assigned_to=center)
    [code, *_] = factories.codes(order)
    factories.redemption(code)
    teacher = teach(order)
    new = approve(factories.renewal_request(order, code_choice="existing"), staff)
    assert people(new, EnrollmentRole.TEACHER) == {teacher.user}
    assert not people(new, EnrollmentRole.STUDENT)
    assert (new.enrolled, new.codes_created) == (0, 0)
    assert not new.activation_codes.exists()


def test_a_renewal_of_codes_starts_with_a_copy_of_the_boxes(center, staff):
    order = factories.order(CODES, assigned_to=center)
    boxes = {**dict.fromkeys(CODE_SETTINGS, False), "teacher_required": True}
    save_settings(order=order, boxes=boxes, by=staff)
    new = approve(factories.renewal_request(order), staff)
    save_settings(order=order, boxes=dict.fromkeys(CODE_SETTINGS, True), by=staff)
    new.refresh_from_db()
    assert {box: getattr(new, box) for box in CODE_SETTINGS} == boxes


def test_a_renewal_from_a_parent_order_has_the_boxes_of_the_old_order(
    center, hub, hub_admin, staff
):
    mix = factories.products()
    old = factories.order(CODES, assigned_to=center, product_mix=mix, number_of_codes=2)
    parent = factories.order(
        CODES, assigned_to=hub, product_mix=mix, finish_date=factories.days(300)
    )
    boxes = {**dict.fromkeys(CODE_SETTINGS, True), "enable_badges": False}
    save_settings(order=old, boxes=boxes, by=staff)
    save_settings(order=parent, boxes=dict.fromkeys(CODE_SETTINGS, False), by=hub_admin.user)
    new = approve(factories.renewal_request(old), hub_admin.user, parent=parent)
    new.refresh_from_db()
    assert {box: getattr(new, box) for box in CODE_SETTINGS} == boxes


@pytest.mark.parametrize("code_choice", ["existing", "new"])
def test_a_renewal_keeps_the_orders_own_alert_numbers(center, staff, code_choice):
    order = factories.order(assigned_to=center, students=None)
    set_alerts(order=order, first_alert=2, second_alert=1200, by=staff)
    students(order, 3)
    renewal = factories.renewal_request(order, code_choice=code_choice)
    new = Order.objects.get(pk=approve(renewal, staff, students=None).pk)
    assert (new.first_alert, new.second_alert) == (2, 1200)
    # An alert of the old order isn't repeated on the new one.
    assert [alert.mark for alert in order.alerts.all()] == ["2"]
    assert not new.alerts.exists()


def test_a_person_who_joins_the_old_one_before_the_new_one_starts_is_copied_too(order, staff):
    students(order, 1)
    new = approve(factories.renewal_request(order, code_choice="existing", students=2), staff)
    [late] = students(order, 1)
    assert late.user in people(new, EnrollmentRole.STUDENT)
    joined = enroll_student(order=order, user=factories.person(), by=staff)
    assert joined.full == [new]
    assert joined.enrollment.user not in people(new, EnrollmentRole.STUDENT)


# Rejecting, withdrawing, reviewing twice


def test_a_request_is_rejected_with_the_reason(order, hub_admin):
    renewal = factories.renewal_request(order)
    reject_request(request=renewal, by=hub_admin.user, comments=" Unpaid ")
    renewal = RenewalRequest.objects.get(pk=renewal.pk)
    assert (renewal.outcome, renewal.approval_comments) == (Outcome.REJECTED, "Unpaid")
    assert renewal.reviewed_by == hub_admin.user
    assert last_act(renewal) == {"action": "renewal.rejected", "user": hub_admin.user.pk}


def test_rejecting_needs_a_comment(order, staff):
    with pytest.raises(DomainError, match="Enter the reason") as refusal:
        reject_request(request=factories.renewal_request(order), by=staff, comments=" ")
    assert refusal.value.field == "approval_comments"


def test_any_administrator_of_the_organization_withdraws(order, admin):
    renewal = factories.renewal_request(order)
    withdraw_request(request=renewal, by=admin.user)
    renewal = RenewalRequest.objects.get(pk=renewal.pk)
    assert (renewal.outcome, renewal.reviewed_by) == (Outcome.WITHDRAWN, admin.user)
    assert last_act(renewal) == {"action": "renewal.withdrawn", "user": admin.user.pk}


def test_no_others_withdraw(order, hub_admin, teacher, staff):
    renewal = factories.renewal_request(order)
    for by in (hub_admin.user, teacher.user, staff):
        with pytest.raises(NotAllowed):
            withdraw_request(request=renewal, by=by)


FIRST = {
    Outcome.APPROVED: approve,
    Outcome.REJECTED: lambda renewal, by: reject_request(request=renewal, by=by, comments="No"),
    Outcome.WITHDRAWN: lambda renewal, by: withdraw_request(
        request=renewal, by=renewal.requested_by
    ),
}


@pytest.mark.parametrize("first", FIRST)
@pytest.mark.parametrize("second", FIRST)
def test_reviewing_twice_is_refused_with_the_outcome(order, staff, first, second):
    renewal = factories.renewal_request(order)
    stale = RenewalRequest.objects.get(pk=renewal.pk)
    FIRST[first](renewal, staff)
    before = RenewalRequest.objects.get(pk=renewal.pk)
    with pytest.raises(DomainError) as refusal:
        FIRST[second](stale, staff)
    assert str(refusal.value) == (
        f"This request is no longer pending: it was {first.label.lower()} by {before.reviewed_by}."
    )
    after = RenewalRequest.objects.get(pk=renewal.pk)
    assert (after.outcome, after.new_order) == (before.outcome, before.new_order)


# Notices


def test_the_supplier_is_notified_of_a_request(order, hub_admin, staff):
    renewal = factories.renewal_request(order)
    assert notified(renewal, "made") == {hub_admin.user.email}


@pytest.mark.parametrize("decision", [Outcome.APPROVED, Outcome.REJECTED])
def test_the_requester_is_notified_and_the_supplier_if_cci_reviews(
    order, admin, hub_admin, staff, decision
):
    renewal = factories.renewal_request(order, membership=admin)
    FIRST[decision](renewal, staff)
    assert notified(renewal, "reviewed") == {admin.user.email}
    assert notified(renewal, "reviewed by CCI") == {hub_admin.user.email}


def test_a_person_who_lost_the_role_is_not_notified_but_the_others_are(order, center, admin, staff):
    colleague = factories.member(center)
    renewal = factories.renewal_request(order, membership=admin)
    admin.delete()
    approve(renewal, staff)
    assert notified(renewal, "reviewed") == {colleague.user.email}


def test_a_supplier_that_reviews_itself_is_not_notified(order, admin, hub_admin):
    renewal = factories.renewal_request(order, membership=admin)
    reject_request(request=renewal, by=hub_admin.user, comments="No")
    assert notified(renewal, "reviewed") == {admin.user.email}
    assert notified(renewal, "reviewed by CCI") == set()


def test_a_refused_act_notifies_nobody(order, admin, staff):
    students(order, 2)
    renewal = factories.renewal_request(order, membership=admin, code_choice="existing", students=1)
    mail.outbox.clear()
    with pytest.raises(DomainError):
        approve(renewal, staff)
    assert not mail.outbox and not notified(renewal, "reviewed")
