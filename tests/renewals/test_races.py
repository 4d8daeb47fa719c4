"""Two ask for, decide or outrun a renewal at once."""

import uuid

import pytest

from jasper_inventory.accounts.models import Level
from licenses.models import Order, Outcome
from licenses.services.suspensions import suspend_order
from renewals import services
from renewals.models import RenewalRequest
from tests import factories
from tests.helpers import at_once, refusals
from tests.licenses.test_order_services import edit
from tests.licenses.test_races import enrolling

pytestmark = pytest.mark.django_db(transaction=True)


def asking(order, membership, **values):
    order = Order.objects.get(pk=order.pk)
    return lambda: factories.renewal_request(order, membership=membership, **values)


def approving(renewal, by, **values):
    renewal = RenewalRequest.objects.get(pk=renewal.pk)
    terms = services.offered_terms(renewal)
    return lambda: services.approve_renewal(renewal=renewal, by=by, terms=terms, **values)


def rejecting(renewal, by):
    renewal = RenewalRequest.objects.get(pk=renewal.pk)
    return lambda: services.reject_renewal(renewal=renewal, by=by, comments="No")


def withdrawing(renewal):
    renewal = RenewalRequest.objects.get(pk=renewal.pk)
    return lambda: services.withdraw_renewal(renewal=renewal, by=renewal.requested_by)


def test_two_administrators_ask_at_once():
    order = factories.order()
    people = [factories.member(order.assigned_to) for _ in range(2)]
    results = at_once(*(asking(order, membership) for membership in people), hold=order)
    [refusal] = refusals(results)
    assert str(refusal) == "A renewal of this order is already requested."
    assert RenewalRequest.objects.get().requested_by == people[0].user


def test_a_form_sent_twice_at_once_makes_one_request():
    order = factories.order()
    membership, token = factories.member(order.assigned_to), uuid.uuid4()
    results = at_once(*[asking(order, membership, form_token=token)] * 3, hold=order)
    assert results == [RenewalRequest.objects.get()] * 3


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


def test_who_joins_while_the_renewal_is_approved_is_on_both():
    old, by = factories.order(), factories.staff()
    renewal = factories.renewal_request(old, code_choice="existing")
    new, joined = at_once(approving(renewal, by), enrolling(old, by), hold=old)
    old.refresh_from_db()
    new.refresh_from_db()
    assert (old.enrolled, new.enrolled) == (1, 1)
    assert new.enrollments.get().user == joined.enrollment.user


def test_who_joined_just_before_is_carried_over():
    old, by = factories.order(), factories.staff()
    renewal = factories.renewal_request(old, code_choice="existing")
    joined, new = at_once(enrolling(old, by), approving(renewal, by), hold=old)
    new.refresh_from_db()
    assert new.enrolled == 1
    assert new.enrollments.get().user == joined.enrollment.user


@pytest.fixture
def family():
    """An order of a hub, one of its center carved from it, and a request to renew that one."""
    by = factories.staff()
    hub = factories.organization(level=Level.HUB)
    center = factories.organization(parent=hub)
    mix = factories.products()
    source = factories.order(
        assigned_to=hub, product_mix=mix, finish_date=factories.days(300), by=by
    )
    old = factories.order(assigned_to=center, source=source, product_mix=mix, students=20, by=by)
    return source, old, factories.renewal_request(old), by


def test_an_order_is_renewed_from_its_own_source_while_it_is_edited(family):
    source, old, renewal, by = family
    stale = Order.objects.get(pk=old.pk)
    results = at_once(
        approving(renewal, by, source=source), lambda: edit(stale, by, students=30), hold=old
    )
    assert not refusals(results)
    source.refresh_from_db()
    assert source.given == 50


def test_an_order_is_renewed_from_its_own_source_while_that_is_suspended(family):
    source, old, renewal, by = family
    new, _none = at_once(
        approving(renewal, by, source=source),
        lambda: suspend_order(order=source, by=by, reason="Unpaid"),
        hold=old,
    )
    for order in (old, new):
        order.refresh_from_db()
        assert order.suspended_ancestors == 1


def test_the_last_places_of_a_source_go_to_one_of_two_renewals(family):
    source, old, renewal, by = family
    other = factories.order(assigned_to=old.assigned_to, product_mix=list(old.products.all()))
    second = factories.renewal_request(other, students=70)
    results = at_once(
        approving(second, by, source=source), approving(renewal, by, source=source), hold=source
    )
    [refusal] = refusals(results)
    assert str(refusal) == "The source order has 10 left, not 20."
    renewal.refresh_from_db()
    assert renewal.is_pending
