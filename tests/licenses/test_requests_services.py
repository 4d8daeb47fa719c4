"""Requests for a new license: created, approved, rejected, withdrawn; each once."""

from datetime import date

import pytest

from jasper_inventory.accounts.models import Level
from jasper_inventory.lib.exceptions import DomainError, NotAllowed
from licenses.models import Order, OrderStatus
from licenses.services.requests import (
    offered_terms,
    reject_request,
    request_order,
    withdraw_request,
)
from licenses.terms import a_year_after, codes_for, offered_dates
from tests import factories
from tests.factories import CENTER, CODES
from tests.helpers import last_act
from tests.licenses.acts import FIRST, approve, notified

pytestmark = pytest.mark.django_db


# Requesting


def test_a_center_requests_from_its_supplier(admin, hub):
    mix = factories.products(3)
    order = request_order(
        organization=admin.organization,
        inventory_type=CENTER,
        products=mix,
        by=admin.user,
        students=30,
        purchase_order=" PO 1 ",
        comments=" Soon, please ",
    )
    order = Order.objects.get(pk=order.pk)
    assert order.status_on(factories.today()) == OrderStatus.REQUESTED
    assert (order.assigned_to, order.requested_to) == (admin.organization, hub)
    assert (order.requested_by, order.requested_by_organization) == (
        admin.user,
        admin.organization,
    )
    assert order.requested_at is not None
    assert (order.requested_students, order.students) == (30, None)
    assert (order.purchase_order, order.requester_comments) == ("PO 1", "Soon, please")
    assert order.assigned_by_organization is None and order.teacher_code is None
    assert (order.start_date, order.finish_date) == (None, None)
    assert set(order.products.all()) == set(mix)
    assert last_act(order) == {"action": "order.requested", "user": admin.user.pk}


def test_a_center_directly_under_cci_requests_from_cci(foreign_admin):
    order = factories.license_request(membership=foreign_admin)
    assert order.requested_to == factories.vendor()


def test_a_hub_requests_from_its_supplier_too(hub_admin):
    order = factories.license_request(membership=hub_admin)
    assert (order.assigned_to, order.requested_to) == (hub_admin.organization, factories.vendor())


def test_only_an_administrator_of_the_organization_requests(
    center, hub_admin, foreign_admin, teacher, staff
):
    for by in (hub_admin.user, foreign_admin.user, teacher.user, staff):
        with pytest.raises(NotAllowed):
            request_order(
                organization=center,
                inventory_type=CENTER,
                products=factories.products(),
                by=by,
            )


def test_empty_students_mean_unlimited_for_a_center_license():
    order = factories.license_request(students=None)
    assert order.requested_students is None
    assert offered_terms(order).students is None


def test_empty_students_are_an_error_for_user_activation_codes():
    with pytest.raises(DomainError, match="can't be unlimited") as refusal:
        factories.license_request(CODES, students=None)
    assert refusal.value.field == "students"


@pytest.mark.parametrize("kind", [CENTER, CODES])
@pytest.mark.parametrize("students", [0, -1, 10**13])
def test_a_number_of_students_that_cannot_be_is_refused(kind, students):
    with pytest.raises(DomainError) as refusal:
        factories.license_request(kind, students=students)
    assert refusal.value.field == "students"
    assert "constraint" not in str(refusal.value).lower()


def test_a_center_license_has_at_most_a_million_students():
    assert factories.license_request(students=1_000_000).requested_students == 1_000_000
    with pytest.raises(DomainError, match="at most 1,000,000 students"):
        factories.license_request(students=1_000_001)


def test_more_than_a_million_codes_are_refused():
    with pytest.raises(DomainError, match="Increase the users per code") as refusal:
        factories.license_request(CODES, students=1_000_001)
    assert refusal.value.field == "students"
    order = factories.license_request(CODES, students=1_000_001, users_per_code=2)
    assert order.requested_students == 1_000_001


@pytest.mark.parametrize("users", [-1, 10_001])
def test_users_per_code_that_cannot_be_are_refused(users):
    with pytest.raises(DomainError) as refusal:
        factories.license_request(CODES, users_per_code=users)
    assert "constraint" not in str(refusal.value).lower()


def test_users_per_code_are_1_if_left_empty():
    assert factories.license_request(CODES).users_per_code == 1
    assert factories.license_request(CENTER, users_per_code=5).users_per_code is None


def test_a_request_needs_a_product(admin):
    with pytest.raises(DomainError, match="at least one product") as refusal:
        request_order(
            organization=admin.organization, inventory_type=CENTER, products=[], by=admin.user
        )
    assert refusal.value.field == "products"


def test_a_purchase_order_that_is_too_long_is_refused():
    with pytest.raises(DomainError) as refusal:
        factories.license_request(purchase_order="x" * 65)
    assert refusal.value.field == "purchase_order"


def test_comments_that_are_too_long_are_refused():
    with pytest.raises(DomainError, match="4,000") as refusal:
        factories.license_request(comments="x" * 4_001)
    assert refusal.value.field == "requester_comments"


# Terms offered for approving


@pytest.mark.parametrize(
    ("students", "users", "codes"),
    [(1, 1, 1), (30, 1, 30), (30, 30, 1), (31, 30, 2), (59, 30, 2), (60, 30, 2), (61, 30, 3)],
)
def test_n_students_mean_n_by_users_per_code_rounded_up(students, users, codes):
    assert codes_for(students, users) == codes
    order = factories.license_request(CODES, students=students, users_per_code=users)
    terms = offered_terms(order)
    assert (terms.number_of_codes, terms.users_per_code) == (codes, users)
    assert order.requested_students == students


def test_a_year_from_today_is_offered():
    terms = offered_terms(factories.license_request(students=30))
    assert terms.start_date == factories.today()
    assert terms.finish_date == a_year_after(factories.today())
    assert terms.students == 30


@pytest.mark.parametrize(
    ("day", "later"),
    [
        (date(2017, 9, 28), date(2018, 9, 28)),
        (date(2020, 2, 29), date(2021, 2, 28)),
        (date(2019, 2, 28), date(2020, 2, 28)),
    ],
)
def test_a_year_after_a_day(day, later):
    assert a_year_after(day) == later
    assert offered_dates(day) == (day, later)


@pytest.mark.parametrize("kind", [CENTER, CODES])
def test_offered_terms_can_be_approved(staff, kind):
    order = factories.license_request(kind, students=31)
    approved = approve(order, staff, terms=offered_terms(order))
    assert approved.status_on(factories.today()) == OrderStatus.AVAILABLE
    assert approved.seats_available == 31


# Approving


def test_cci_approves(staff, foreign_admin):
    order = factories.license_request(membership=foreign_admin, students=30)
    mix = set(order.products.all())
    approved = approve(
        order,
        staff,
        terms=factories.terms(students=25),
        comments=" Less for now ",
        teacher_code="U7DA7-NIFE-3017",
    )
    assert approved == order
    order.refresh_from_db()
    assert order.status_on(factories.today()) == OrderStatus.AVAILABLE
    assert (order.students, order.requested_students) == (25, 30)
    assert order.reviewed_by == staff and order.reviewed_at is not None
    assert order.approval_comments == "Less for now"
    assert order.assigned_by_organization == factories.vendor()
    assert str(order.teacher_code) == "U7DA7-NIFE-3017"
    assert order.parent is None
    assert set(order.products.all()) == mix
    assert last_act(order) == {"action": "order.approved", "user": staff.pk}


def test_approving_may_change_the_products(staff):
    order = factories.license_request()
    mix = factories.products(1)
    approve(order, staff, products=mix)
    assert list(order.products.all()) == mix
    with pytest.raises(DomainError, match="at least one product"):
        approve(factories.license_request(), staff, products=[])


def test_a_supplier_below_cci_approves_out_of_its_own_order(admin, hub, hub_admin):
    parent = factories.order(assigned_to=hub, students=100)
    mix = list(parent.products.all())
    order = factories.license_request(membership=admin, product_mix=mix)
    approve(order, hub_admin.user, terms=factories.terms(students=30), parent=parent)
    order.refresh_from_db()
    parent.refresh_from_db()
    assert (order.parent, order.assigned_by_organization) == (parent, hub)
    assert (parent.allocated, parent.seats_available) == (30, 70)


def test_a_supplier_below_cci_needs_a_parent_order(admin, hub_admin):
    order = factories.license_request(membership=admin)
    with pytest.raises(DomainError, match="Choose the order") as refusal:
        approve(order, hub_admin.user)
    assert refusal.value.field == "parent"


def test_the_parent_order_is_the_suppliers_own(admin, hub_admin, center):
    order = factories.license_request(membership=admin)
    for holder in (center, factories.organization(level=Level.HUB)):
        with pytest.raises(DomainError, match="supplier's own") as refusal:
            approve(order, hub_admin.user, parent=factories.order(assigned_to=holder))
        assert refusal.value.field == "parent"


def test_terms_that_exceed_the_parent_order_leave_the_request_pending(admin, hub, hub_admin):
    parent = factories.order(assigned_to=hub, students=10)
    mix = list(parent.products.all())
    order = factories.license_request(membership=admin, product_mix=mix)
    with pytest.raises(DomainError, match="has only 10 left; this needs 30") as refusal:
        approve(order, hub_admin.user, terms=factories.terms(students=30), parent=parent)
    assert refusal.value.field == "students"
    order.refresh_from_db()
    parent.refresh_from_db()
    assert order.is_pending and parent.allocated == 0


@pytest.mark.parametrize(
    "review",
    [
        lambda order, by: approve(order, by),
        lambda order, by: reject_request(request=order, by=by, comments="No"),
    ],
)
def test_only_the_supplier_and_cci_review(admin, foreign_admin, review):
    order = factories.license_request(membership=admin)
    for by in (admin.user, foreign_admin.user, factories.staff(is_active=False)):
        with pytest.raises(NotAllowed, match="Only Harbour Hub can review this request."):
            review(order, by)
    order.refresh_from_db()
    assert order.is_pending


def test_cci_reviews_a_request_to_another_supplier_without_a_parent_order(
    admin, hub, hub_admin, staff
):
    order = factories.license_request(membership=admin)
    approved = approve(order, staff)
    assert approved.assigned_by_organization == factories.vendor()
    assert approved.parent is None
    assert notified(order, "reviewed by CCI") == {hub_admin.user.email}


# Rejecting and withdrawing


def test_a_request_is_rejected_with_the_reason(staff):
    order = factories.license_request()
    assert reject_request(request=order, by=staff, comments=" Unpaid ") == order
    order = Order.objects.get(pk=order.pk)
    assert order.status_on(factories.today()) == OrderStatus.REJECTED
    assert (order.reviewed_by, order.approval_comments) == (staff, "Unpaid")
    assert last_act(order) == {"action": "order.rejected", "user": staff.pk}


@pytest.mark.parametrize("comments", ["", " \n"])
def test_rejecting_needs_a_comment(staff, comments):
    with pytest.raises(DomainError, match="Enter the reason") as refusal:
        reject_request(request=factories.license_request(), by=staff, comments=comments)
    assert refusal.value.field == "approval_comments"


def test_any_administrator_of_the_organization_withdraws(admin):
    order = factories.license_request(membership=admin)
    colleague = factories.member(admin.organization)
    withdraw_request(request=order, by=colleague.user)
    order = Order.objects.get(pk=order.pk)
    assert order.status_on(factories.today()) == OrderStatus.WITHDRAWN
    assert (order.reviewed_by, order.approval_comments) == (colleague.user, "")
    assert last_act(order) == {"action": "order.withdrawn", "user": colleague.user.pk}


def test_no_others_withdraw(admin, hub_admin, teacher, staff):
    order = factories.license_request(membership=admin)
    for by in (hub_admin.user, teacher.user, staff):
        with pytest.raises(NotAllowed):
            withdraw_request(request=order, by=by)


def test_an_order_that_was_not_requested_is_neither_withdrawn_nor_rejected(admin, staff):
    order = factories.order(assigned_to=admin.organization)
    with pytest.raises(NotAllowed):
        withdraw_request(request=order, by=admin.user)
    with pytest.raises(DomainError, match="no longer pending"):
        reject_request(request=order, by=staff, comments="No")
    assert order.status_on(factories.today()) == OrderStatus.AVAILABLE


@pytest.mark.parametrize("first", FIRST)
@pytest.mark.parametrize("second", FIRST)
def test_reviewing_twice_is_refused_with_the_outcome(staff, first, second):
    request = factories.license_request()
    stale = Order.objects.get(pk=request.pk)
    FIRST[first](request, staff)
    before = Order.objects.get(pk=request.pk)
    who = before.reviewed_by
    with pytest.raises(DomainError) as refusal:
        FIRST[second](stale, staff)
    assert str(refusal.value) == (
        f"This request is no longer pending: it was {first.label.lower()} by {who}."
    )
    after = Order.objects.get(pk=request.pk)
    assert (after.outcome, after.reviewed_at) == (before.outcome, before.reviewed_at)


def test_a_retired_product_is_neither_requested_nor_assigned(admin, center):
    retired = factories.products(1, is_retired=True)
    with pytest.raises(DomainError, match="no longer offered"):
        factories.license_request(membership=admin, product_mix=retired)
    with pytest.raises(DomainError, match="no longer offered"):
        factories.order(assigned_to=center, product_mix=retired)
