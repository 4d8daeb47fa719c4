"""Two simultaneous acts on a renewal: requesting, reviewing, joining."""

import pytest

from jasper_inventory.accounts.models import Level
from licenses.models import Order, Outcome
from licenses.services.requests import (
    reject_request,
    withdraw_request,
)
from licenses.services.suspensions import suspend_order
from renewals.models import RenewalRequest
from tests import factories
from tests.helpers import at_once, refusals
from tests.licenses.acts import edit, enrolling
from tests.renewals.acts import approving

pytestmark = pytest.mark.django_db(transaction=True)


def requesting(order, membership, **values):
    order = Order.objects.get(pk=order.pk)
    return lambda: factories.renewal_request(order, membership=membership, **values)


def rejecting(renewal, by):
    renewal = RenewalRequest.objects.get(pk=renewal.pk)
    return lambda: reject_request(request=renewal, by=by, comments="No")


def withdrawing(renewal):
    renewal = RenewalRequest.objects.get(pk=renewal.pk)
    return lambda: withdraw_request(request=renewal, by=renewal.requested_by)


def test_two_administrators_request_at_once():
    order = factories.order()
    people = [factories.member(order.assigned_to) for _ in range(2)]
    results = at_once(*(requesting(order, membership) for membership in people), hold=order)
    [refusal] = refusals(results)
    assert str(refusal) == "A renewal of this order is already requested."
    assert RenewalRequest.objects.get().requested_by == people[0].user


def test_two_staff_approve_a_request():
    renewal = factories.renewal_request()
    first, second = factories.staff(), factories.staff()
    results = at_once(approving(renewal, first), approving(renewal, second), hold=renewal.order)
    [refusal] = refusals(results)
    assert str(refusal) == f"This request is no longer pending: it was approved by {first}."
    assert Order.objects.filter(renewal_of=renewal.order).count() == 1


@pytest.mark.parametrize("first", [0, 1, 2])
def test_approve_reject_and_withdraw_meet(first):
    renewal, by = factories.renewal_request(), factories.staff()
    acts = [approving(renewal, by), rejecting(renewal, by), withdrawing(renewal)]
    acts = acts[first:] + acts[:first]
    results = at_once(*acts, hold=renewal)
    assert len(refusals(results)) == 2
    renewal.refresh_from_db()
    assert renewal.outcome in (Outcome.APPROVED, Outcome.REJECTED, Outcome.WITHDRAWN)
    is_approved = renewal.outcome == Outcome.APPROVED
    assert Order.objects.filter(renewal_of=renewal.order).exists() == is_approved


def test_a_person_who_joins_while_the_renewal_is_approved_is_on_both():
    old, by = factories.order(), factories.staff()
    renewal = factories.renewal_request(old, code_choice="existing")
    new, joined = at_once(approving(renewal, by), enrolling(old, by), hold=old)
    old.refresh_from_db()
    new.refresh_from_db()
    assert (old.enrolled, new.enrolled) == (1, 1)
    assert new.enrollments.get().user == joined.enrollment.user


def test_a_person_who_joined_just_before_is_carried_over():
    old, by = factories.order(), factories.staff()
    renewal = factories.renewal_request(old, code_choice="existing")
    joined, new = at_once(enrolling(old, by), approving(renewal, by), hold=old)
    new.refresh_from_db()
    assert new.enrolled == 1
    assert new.enrollments.get().user == joined.enrollment.user


@pytest.fixture
def family():
    """An order of a hub, one of its center allocated from it, and a request to renew that one."""
    by = factories.staff()
    hub = factories.organization(level=Level.HUB)
    center = factories.organization(parent=hub)
    mix = factories.products()
    parent = factories.order(
        assigned_to=hub, product_mix=mix, finish_date=factories.days(300), by=by
    )
    old = factories.order(assigned_to=center, parent=parent, product_mix=mix, students=20, by=by)
    return parent, old, factories.renewal_request(old), by


def test_an_order_is_renewed_from_its_own_parent_order_while_it_is_edited(family):
    parent, old, renewal, by = family
    stale = Order.objects.get(pk=old.pk)
    results = at_once(
        approving(renewal, by, parent=parent), lambda: edit(stale, by, students=30), hold=old
    )
    assert not refusals(results)
    parent.refresh_from_db()
    assert parent.allocated == 50


def test_an_order_is_renewed_from_its_own_parent_order_while_that_is_suspended(family):
    parent, old, renewal, by = family
    new, _none = at_once(
        approving(renewal, by, parent=parent),
        lambda: suspend_order(order=parent, by=by, reason="Unpaid"),
        hold=old,
    )
    for order in (old, new):
        order.refresh_from_db()
        assert order.suspended_ancestors == 1


def test_one_of_two_renewals_gets_the_last_seats_of_a_parent_order(family):
    parent, old, renewal, by = family
    other = factories.order(assigned_to=old.assigned_to, product_mix=list(old.products.all()))
    second = factories.renewal_request(other, students=70)
    results = at_once(
        approving(second, by, parent=parent), approving(renewal, by, parent=parent), hold=parent
    )
    [refusal] = refusals(results)
    assert str(refusal) == "The parent order has only 10 left; this needs 20."
    renewal.refresh_from_db()
    assert renewal.is_pending
