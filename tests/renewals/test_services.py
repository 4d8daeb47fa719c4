"""Renewals: what is offered, who may ask and decide, who is carried over."""

import uuid
from datetime import date

import pytest
from django.core import mail

from activation_codes import services as code_services
from activation_codes.models import BOXES
from jasper_inventory.accounts.models import Notice
from jasper_inventory.lib.exceptions import DomainError, NotAllowed
from licenses import services as license_services
from licenses.models import EnrolmentRole, Order, OrderStatus, Outcome
from licenses.terms import Terms, offered_renewal_dates
from renewals import services
from renewals.models import RenewalRequest
from tests import factories
from tests.factories import CODES
from tests.helpers import last_act

pytestmark = pytest.mark.django_db


def approve(renewal, by, **values):
    terms = services.offered_terms(renewal)
    named = {name: values.pop(name) for name in Terms.__dataclass_fields__ if name in values}
    terms = Terms(**{**terms.__dict__, **named})
    return services.approve_renewal(renewal=renewal, by=by, terms=terms, **values)


def students(order, number):
    by = factories.staff()
    return [
        license_services.enrol_student(order=order, user=factories.person(), by=by).enrolment
        for _ in range(number)
    ]


def teach(order):
    by = factories.staff()
    return license_services.enrol_teacher(order=order, user=factories.person(), by=by).enrolment


def people(order, role):
    return {row.user for row in order.enrolments.current().filter(role=role)}


def told(renewal, what):
    notices = Notice.objects.filter(event=f"renewal request {renewal.pk} {what}")
    return set(notices.values_list("address", flat=True))


@pytest.fixture
def order(center):
    return factories.order(assigned_to=center, students=100)


# What is offered


@pytest.mark.parametrize(
    ("today", "depleted", "start", "finish"),
    [
        (date(2017, 9, 28), False, date(2018, 1, 1), date(2018, 12, 31)),
        (date(2017, 12, 31), False, date(2018, 1, 1), date(2018, 12, 31)),
        (date(2018, 1, 1), False, date(2018, 1, 1), date(2018, 12, 31)),
        (date(2018, 1, 2), False, date(2018, 1, 2), date(2019, 1, 1)),
        (date(2017, 9, 28), True, date(2017, 9, 28), date(2018, 9, 27)),
    ],
)
def test_dates_offered_follow_the_current_finish_or_begin_today(today, depleted, start, finish):
    """Of an order that runs through 2017."""
    offered = offered_renewal_dates(
        start_date=date(2017, 1, 1),
        finish_date=date(2017, 12, 31),
        today=today,
        is_depleted=depleted,
    )
    assert offered == (start, finish)


def test_a_depleted_order_is_offered_from_today(center):
    order = factories.order(assigned_to=center, students=1)
    assert services.offered_dates(order)[0] == factories.days(101)
    students(order, 1)
    assert services.offered_dates(order) == (factories.today(), factories.days(110))


def test_the_places_offered_are_those_asked_for(order):
    renewal = factories.renewal_request(order, students=70)
    terms = services.offered_terms(renewal)
    assert (terms.start_date, terms.finish_date) == (renewal.start_date, renewal.finish_date)
    assert (terms.students, terms.number_of_codes) == (70, None)


@pytest.mark.parametrize(("asked", "codes"), [(1, 1), (30, 1), (31, 2), (60, 2), (61, 3)])
def test_n_students_mean_n_by_users_per_code_rounded_up(center, asked, codes):
    order = factories.order(CODES, assigned_to=center, users_per_code=30, duration=45)
    renewal = factories.renewal_request(order, students=asked)
    terms = services.offered_terms(renewal)
    assert (terms.number_of_codes, terms.users_per_code, terms.duration) == (codes, 30, 45)
    assert renewal.requested_students == asked


# Asking


def test_the_holder_asks_its_supplier(order, admin, hub):
    renewal = services.request_renewal(
        order=order,
        code_choice="existing",
        start_date=factories.days(101),
        finish_date=factories.days(200),
        students=80,
        by=admin.user,
        purchase_order=" PO 2 ",
        comments=" As before ",
    )
    renewal = RenewalRequest.objects.get(pk=renewal.pk)
    assert renewal.is_pending
    assert (renewal.requested_to, renewal.requested_by_organization) == (hub, order.assigned_to)
    assert (renewal.requested_by, renewal.requested_students) == (admin.user, 80)
    assert (renewal.purchase_order, renewal.requester_comments) == ("PO 2", "As before")
    assert renewal.code_choice == "existing" and renewal.new_order is None
    assert last_act(renewal) == {"action": "renewal.requested", "user": admin.user.pk}


def test_only_an_administrator_of_the_holder_asks(order, hub_admin, foreign_admin, teacher, staff):
    for membership in (hub_admin, foreign_admin, teacher):
        with pytest.raises(NotAllowed):
            factories.renewal_request(order, membership=membership)
    assert not RenewalRequest.objects.exists()


@pytest.mark.parametrize(
    "status", [OrderStatus.EXPIRED, OrderStatus.INACTIVE, OrderStatus.DEPLETED]
)
def test_expired_inactive_and_depleted_orders_are_renewed_too(order, staff, status):
    if status == OrderStatus.DEPLETED:
        Order.objects.filter(pk=order.pk).update(students=1)
        students(order, 1)
    elif status == OrderStatus.INACTIVE:
        license_services.set_active(order=order, is_active=False, by=staff)
    else:
        Order.objects.filter(pk=order.pk).update(finish_date=factories.days(-1))
    order.refresh_from_db()
    assert order.status_on(factories.today()) == status
    assert factories.renewal_request(order).is_pending


def test_a_suspended_order_is_not_renewed(order, staff):
    stale = Order.objects.get(pk=order.pk)
    license_services.suspend_order(order=order, by=staff, reason="Unpaid")
    with pytest.raises(DomainError, match="A suspended order can't be renewed."):
        factories.renewal_request(stale)


@pytest.mark.parametrize("outcome", [Outcome.PENDING, Outcome.REJECTED, Outcome.WITHDRAWN])
def test_only_an_approved_order_is_renewed(admin, staff, outcome):
    request = factories.license_request(membership=admin)
    if outcome == Outcome.REJECTED:
        license_services.reject_order(order=request, by=staff, comments="No")
    elif outcome == Outcome.WITHDRAWN:
        license_services.withdraw_order(order=request, by=admin.user)
    with pytest.raises(DomainError, match="Only an approved order can be renewed."):
        services.request_renewal(
            order=request,
            code_choice="new",
            start_date=factories.days(1),
            finish_date=factories.days(2),
            students=30,
            by=admin.user,
        )


def test_one_request_at_a_time(order):
    first = factories.renewal_request(order)
    with pytest.raises(DomainError, match="already requested"):
        factories.renewal_request(order)
    services.withdraw_renewal(renewal=first, by=first.requested_by)
    assert factories.renewal_request(order).is_pending


def test_an_order_is_renewed_once(order, staff):
    approve(factories.renewal_request(order), staff)
    with pytest.raises(DomainError, match="This order was renewed already."):
        factories.renewal_request(order)


@pytest.mark.parametrize(
    ("start", "finish", "field"),
    [(-1, 10, "start_date"), (-2, -1, "start_date"), (5, 4, "finish_date")],
)
def test_dates_are_not_in_the_past_nor_swapped(order, start, finish, field):
    with pytest.raises(DomainError) as refusal:
        factories.renewal_request(
            order, start_date=factories.days(start), finish_date=factories.days(finish)
        )
    assert refusal.value.field == field


def test_today_is_not_in_the_past(order):
    today = factories.today()
    renewal = factories.renewal_request(order, start_date=today, finish_date=today)
    assert renewal.is_pending


def test_empty_students_mean_unlimited_for_a_center_license(order, staff):
    renewal = factories.renewal_request(order, students=None)
    assert approve(renewal, staff).capacity is None


@pytest.mark.parametrize("asked", [None, 0, -1, 1_000_001])
def test_a_number_of_students_that_cannot_be_is_refused(center, asked):
    order = factories.order(CODES, assigned_to=center)
    with pytest.raises(DomainError) as refusal:
        factories.renewal_request(order, students=asked)
    assert refusal.value.field == "students"


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"purchase_order": "x" * 65}, "purchase_order"),
        ({"comments": "x" * 4_001}, "requester_comments"),
        ({"code_choice": "other"}, "code_choice"),
        ({"students": 1_000_001}, "students"),
        ({"students": 0}, "students"),
    ],
)
def test_what_cannot_be_saved_is_refused_in_words(order, values, field):
    with pytest.raises(DomainError) as refusal:
        factories.renewal_request(order, **values)
    assert refusal.value.field == field
    assert "constraint" not in str(refusal.value).lower()


def test_a_form_sent_twice_makes_one_request(order, admin, hub_admin):
    token = uuid.uuid4()
    first = factories.renewal_request(order, membership=admin, form_token=token)
    again = factories.renewal_request(order, membership=admin, form_token=token)
    assert again == first
    assert RenewalRequest.objects.get() == first
    assert [message.to for message in mail.outbox] == [[hub_admin.user.email]]


def test_a_form_that_someone_else_sent_is_refused_in_words(order, foreign_admin):
    token = uuid.uuid4()
    factories.renewal_request(order, form_token=token)
    other = factories.order(assigned_to=foreign_admin.organization)
    with pytest.raises(DomainError, match="Someone else sent this form"):
        factories.renewal_request(other, membership=foreign_admin, form_token=token)


# Approving


def test_cci_approves_and_a_new_order_is_made(order, staff, admin):
    renewal = factories.renewal_request(
        order, membership=admin, students=80, purchase_order="PO 2", comments="As before"
    )
    new = approve(renewal, staff, students=70, comments=" Fewer ")
    new = Order.objects.get(pk=new.pk)
    renewal.refresh_from_db()
    assert (renewal.outcome, renewal.new_order) == (Outcome.APPROVED, new)
    assert (renewal.decided_by, renewal.approval_comments) == (staff, "Fewer")
    assert (new.renewal_of, new.assigned_to) == (order, order.assigned_to)
    assert (new.start_date, new.finish_date) == (renewal.start_date, renewal.finish_date)
    assert (new.students, new.requested_students, new.purchase_order) == (70, 80, "PO 2")
    assert (new.requester_comments, new.approval_comments) == ("As before", "Fewer")
    assert (new.requested_by, new.decided_by) == (admin.user, staff)
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
    source = factories.order(
        assigned_to=hub, product_mix=mix, students=100, finish_date=factories.days(300)
    )
    new = approve(factories.renewal_request(order, students=60), hub_admin.user, source=source)
    source.refresh_from_db()
    assert (new.source, new.assigned_by_organization) == (source, hub)
    assert (source.given, source.free) == (60, 40)


def test_what_does_not_fit_the_source_leaves_the_request_waiting(order, hub, hub_admin):
    mix = list(order.products.all())
    source = factories.order(assigned_to=hub, product_mix=mix, students=100)
    renewal = factories.renewal_request(order)
    with pytest.raises(DomainError, match="The source order runs from"):
        approve(renewal, hub_admin.user, source=source)
    renewal.refresh_from_db()
    source.refresh_from_db()
    assert renewal.is_pending and source.given == 0
    assert not Order.objects.filter(renewal_of=order).exists()


def test_a_supplier_below_cci_needs_a_source_of_its_own(order, hub_admin, center):
    renewal = factories.renewal_request(order)
    with pytest.raises(DomainError, match="Choose the order") as refusal:
        approve(renewal, hub_admin.user)
    assert refusal.value.field == "source"
    with pytest.raises(DomainError, match="supplier's own") as refusal:
        approve(renewal, hub_admin.user, source=factories.order(assigned_to=center))
    assert refusal.value.field == "source"


def test_only_the_supplier_and_cci_decide(order, admin, foreign_admin):
    renewal = factories.renewal_request(order)
    for by in (admin.user, foreign_admin.user):
        with pytest.raises(NotAllowed, match="decided by Harbour Hub"):
            approve(renewal, by)
        with pytest.raises(NotAllowed, match="decided by Harbour Hub"):
            services.reject_renewal(renewal=renewal, by=by, comments="No")


def test_an_order_suspended_meanwhile_is_not_renewed(order, staff):
    renewal = factories.renewal_request(order)
    license_services.suspend_order(order=order, by=staff, reason="Unpaid")
    with pytest.raises(DomainError, match="A suspended order can't be renewed."):
        approve(renewal, staff)


# The code, and who is carried over


def test_with_a_new_code_nobody_is_carried_over(order, staff):
    students(order, 2)
    teach(order)
    new = approve(factories.renewal_request(order, code_choice="new"), staff)
    assert new.teacher_code != order.teacher_code
    assert not new.enrolments.exists()
    assert new.enrolled == 0


def test_a_new_code_may_be_typed(order, staff):
    renewal = factories.renewal_request(order, code_choice="new")
    new = approve(renewal, staff, teacher_code="U7DA7-NIFE-3017")
    assert str(new.teacher_code) == "U7DA7-NIFE-3017"


def test_with_the_existing_code_teachers_and_students_keep_their_place(order, staff):
    teacher = teach(order)
    learners = students(order, 3)
    learners[0].teacher = teacher
    learners[0].save()
    license_services.remove_enrolment(enrolment=learners.pop(), by=staff)
    new = approve(factories.renewal_request(order, code_choice="existing"), staff)
    assert new.teacher_code == order.teacher_code
    assert people(new, EnrolmentRole.TEACHER) == {teacher.user}
    assert people(new, EnrolmentRole.STUDENT) == {row.user for row in learners}
    assert new.enrolled == 2
    assert Order.objects.get(pk=new.pk).enrolled == 2
    linked = new.enrolments.get(user=learners[0].user).teacher
    assert linked.order == new and linked.user == teacher.user
    assert Order.objects.get(pk=order.pk).enrolled == 2


def test_fewer_places_than_people_are_refused_with_the_shortage_named(order, staff):
    students(order, 5)
    renewal = factories.renewal_request(order, code_choice="existing", students=3)
    with pytest.raises(DomainError) as refusal:
        approve(renewal, staff)
    assert str(refusal.value) == "5 students keep their place, but there are 3: 2 short."
    assert refusal.value.field == "students"
    renewal.refresh_from_db()
    assert renewal.is_pending
    assert not Order.objects.filter(renewal_of=order).exists()
    assert approve(renewal, staff, students=5).free == 0


def test_an_unlimited_renewal_has_room_for_everyone(order, staff):
    students(order, 2)
    new = approve(factories.renewal_request(order, code_choice="existing", students=None), staff)
    assert (new.enrolled, new.free) == (2, None)


def test_teachers_of_codes_keep_their_place_and_students_redeem_a_new_one(center, staff):
    order = factories.order(CODES, assigned_to=center)
    [code, *_] = factories.codes(order)
    factories.redemption(code)
    teacher = teach(order)
    new = approve(factories.renewal_request(order, code_choice="existing"), staff)
    assert people(new, EnrolmentRole.TEACHER) == {teacher.user}
    assert not people(new, EnrolmentRole.STUDENT)
    assert (new.enrolled, new.codes_created) == (0, 0)
    assert not new.activation_codes.exists()


def test_a_renewal_of_codes_starts_with_a_copy_of_the_boxes(center, staff):
    order = factories.order(CODES, assigned_to=center)
    boxes = {**dict.fromkeys(BOXES, False), "teacher_required": True}
    code_services.save_settings(order=order, boxes=boxes, by=staff)
    new = approve(factories.renewal_request(order), staff)
    settings = code_services.settings_of(new)
    assert settings.pk and {box: getattr(settings, box) for box in BOXES} == boxes


def test_who_joins_the_old_one_before_the_new_one_starts_is_copied_too(order, staff):
    students(order, 1)
    new = approve(factories.renewal_request(order, code_choice="existing", students=2), staff)
    [late] = students(order, 1)
    assert late.user in people(new, EnrolmentRole.STUDENT)
    joined = license_services.enrol_student(order=order, user=factories.person(), by=staff)
    assert joined.full == [new]
    assert joined.enrolment.user not in people(new, EnrolmentRole.STUDENT)


# Rejecting, withdrawing, deciding twice


def test_a_request_is_rejected_with_the_reason(order, hub_admin):
    renewal = factories.renewal_request(order)
    services.reject_renewal(renewal=renewal, by=hub_admin.user, comments=" Unpaid ")
    renewal = RenewalRequest.objects.get(pk=renewal.pk)
    assert (renewal.outcome, renewal.approval_comments) == (Outcome.REJECTED, "Unpaid")
    assert renewal.decided_by == hub_admin.user
    assert last_act(renewal) == {"action": "renewal.rejected", "user": hub_admin.user.pk}


def test_rejecting_needs_a_comment(order, staff):
    with pytest.raises(DomainError, match="Say why") as refusal:
        services.reject_renewal(renewal=factories.renewal_request(order), by=staff, comments=" ")
    assert refusal.value.field == "approval_comments"


def test_any_administrator_of_the_organization_withdraws(order, admin):
    renewal = factories.renewal_request(order)
    services.withdraw_renewal(renewal=renewal, by=admin.user)
    renewal = RenewalRequest.objects.get(pk=renewal.pk)
    assert (renewal.outcome, renewal.decided_by) == (Outcome.WITHDRAWN, admin.user)
    assert last_act(renewal) == {"action": "renewal.withdrawn", "user": admin.user.pk}


def test_nobody_else_withdraws(order, hub_admin, teacher, staff):
    renewal = factories.renewal_request(order)
    for by in (hub_admin.user, teacher.user, staff):
        with pytest.raises(NotAllowed):
            services.withdraw_renewal(renewal=renewal, by=by)


FIRST = {
    Outcome.APPROVED: approve,
    Outcome.REJECTED: lambda renewal, by: services.reject_renewal(
        renewal=renewal, by=by, comments="No"
    ),
    Outcome.WITHDRAWN: lambda renewal, by: services.withdraw_renewal(
        renewal=renewal, by=renewal.requested_by
    ),
}


@pytest.mark.parametrize("first", FIRST)
@pytest.mark.parametrize("second", FIRST)
def test_deciding_twice_is_refused_saying_what_became_of_it(order, staff, first, second):
    renewal = factories.renewal_request(order)
    stale = RenewalRequest.objects.get(pk=renewal.pk)
    FIRST[first](renewal, staff)
    before = RenewalRequest.objects.get(pk=renewal.pk)
    with pytest.raises(DomainError) as refusal:
        FIRST[second](stale, staff)
    assert str(refusal.value) == (
        f"This request is no longer pending: it was {first.label.lower()} by {before.decided_by}."
    )
    after = RenewalRequest.objects.get(pk=renewal.pk)
    assert (after.outcome, after.new_order) == (before.outcome, before.new_order)


# Who is told


def test_the_supplier_is_told_of_a_request(order, hub_admin, staff):
    renewal = factories.renewal_request(order)
    assert told(renewal, "made") == {hub_admin.user.email}


@pytest.mark.parametrize("decision", [Outcome.APPROVED, Outcome.REJECTED])
def test_the_requester_is_told_and_the_supplier_where_cci_decides(
    order, admin, hub_admin, staff, decision
):
    renewal = factories.renewal_request(order, membership=admin)
    FIRST[decision](renewal, staff)
    assert told(renewal, "decided") == {admin.user.email}
    assert told(renewal, "decided by CCI") == {hub_admin.user.email}


def test_a_supplier_that_decides_itself_is_not_told(order, admin, hub_admin):
    renewal = factories.renewal_request(order, membership=admin)
    services.reject_renewal(renewal=renewal, by=hub_admin.user, comments="No")
    assert told(renewal, "decided") == {admin.user.email}
    assert told(renewal, "decided by CCI") == set()


def test_what_is_refused_tells_nobody(order, admin, staff):
    students(order, 2)
    renewal = factories.renewal_request(order, membership=admin, code_choice="existing", students=1)
    mail.outbox.clear()
    with pytest.raises(DomainError):
        approve(renewal, staff)
    assert not mail.outbox and not told(renewal, "decided")
