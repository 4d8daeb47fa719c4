"""The terms offered for a renewal, and requesting one."""

from datetime import date

import pytest

from jasper_inventory.lib.exceptions import DomainError, NotAllowed
from licenses.models import Order, OrderStatus, Outcome
from licenses.services.order_edits import set_active
from licenses.services.requests import offered_terms, reject_request, withdraw_request
from licenses.services.suspensions import suspend_order
from licenses.terms import offered_renewal_dates
from renewals import services
from renewals.models import RenewalRequest
from tests import factories
from tests.factories import CODES
from tests.helpers import last_act
from tests.renewals.acts import approve, students

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(center):
    return factories.order(assigned_to=center, students=100)


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
    """For an order that runs through 2017."""
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


def test_the_seats_offered_are_those_requested(order):
    renewal = factories.renewal_request(order, students=70)
    terms = offered_terms(renewal)
    assert (terms.start_date, terms.finish_date) == (renewal.start_date, renewal.finish_date)
    assert (terms.students, terms.number_of_codes) == (70, None)


@pytest.mark.parametrize(("requested", "codes"), [(1, 1), (30, 1), (31, 2), (60, 2), (61, 3)])
def test_n_students_mean_n_by_users_per_code_rounded_up(center, requested, codes):
    order = factories.order(CODES, assigned_to=center, users_per_code=30, duration=45)
    renewal = factories.renewal_request(order, students=requested)
    terms = offered_terms(renewal)
    assert (terms.number_of_codes, terms.users_per_code, terms.duration) == (codes, 30, 45)
    assert renewal.requested_students == requested


# Requesting


def test_the_holder_requests_from_its_supplier(order, admin, hub):
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


def test_only_an_administrator_of_the_holder_requests(
    order, hub_admin, foreign_admin, teacher, staff
):
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
        set_active(order=order, is_active=False, by=staff)
    else:
        Order.objects.filter(pk=order.pk).update(finish_date=factories.days(-1))
    order.refresh_from_db()
    assert order.status_on(factories.today()) == status
    assert factories.renewal_request(order).is_pending


def test_a_suspended_order_is_not_renewed(order, staff):
    stale = Order.objects.get(pk=order.pk)
    suspend_order(order=order, by=staff, reason="Unpaid")
    with pytest.raises(DomainError, match="A suspended order can't be renewed."):
        factories.renewal_request(stale)


@pytest.mark.parametrize("outcome", [Outcome.PENDING, Outcome.REJECTED, Outcome.WITHDRAWN])
def test_only_an_approved_order_is_renewed(admin, staff, outcome):
    request = factories.license_request(membership=admin)
    if outcome == Outcome.REJECTED:
        reject_request(request=request, by=staff, comments="No")
    elif outcome == Outcome.WITHDRAWN:
        withdraw_request(request=request, by=admin.user)
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
    withdraw_request(request=first, by=first.requested_by)
    assert factories.renewal_request(order).is_pending


def test_an_order_is_renewed_once(order, staff):
    approve(factories.renewal_request(order), staff)
    with pytest.raises(DomainError, match="This order was already renewed."):
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
    assert approve(renewal, staff).seats is None


@pytest.mark.parametrize("requested", [None, 0, -1, 1_000_001])
def test_a_number_of_students_that_cannot_be_is_refused(center, requested):
    order = factories.order(CODES, assigned_to=center)
    with pytest.raises(DomainError) as refusal:
        factories.renewal_request(order, students=requested)
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
def test_values_that_cannot_be_saved_are_refused_in_words(order, values, field):
    with pytest.raises(DomainError) as refusal:
        factories.renewal_request(order, **values)
    assert refusal.value.field == field
    assert "constraint" not in str(refusal.value).lower()
