"""A supplier forwards a request to its own supplier, over every level."""

import pytest
from django.core import mail

from jasper_inventory.accounts.models import Level
from jasper_inventory.lib.exceptions import DomainError, NotAllowed
from licenses.models import Order, Outcome, Product
from licenses.services.fulfillment import fulfillment_of
from licenses.services.requests import (
    approve_request,
    forward_request,
    offered_terms,
    reject_request,
    withdraw_request,
)
from tests import factories
from tests.helpers import at_once, last_act, refusals

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def distributor():
    return factories.organization("North Distribution", level=Level.DISTRIBUTOR)


@pytest.fixture
def hub(distributor):
    return factories.organization("Harbour Hub", level=Level.HUB, parent=distributor)


@pytest.fixture
def distributor_admin(distributor):
    return factories.member(distributor)


@pytest.fixture
def license_request(admin, hub_admin, distributor_admin):
    """A request of the center, which its hub reviews."""
    return factories.license_request(
        factories.CODES,
        membership=admin,
        students=30,
        users_per_code=2,
        purchase_order="PO-CENTER",
        comments="Only for the hub to read",
    )


def forward(license_request, by, **values):
    license_request.refresh_from_db()
    return forward_request(request=license_request, by=by.user, **values)


def sent_emails():
    return {(message.to[0], message.subject): message for message in mail.outbox}


def approved_by(membership, own):
    """The request `own`, approved by its supplier out of an order of its own."""
    own.refresh_from_db()
    parent = factories.order(
        own.inventory_type,
        assigned_to=membership.organization,
        product_mix=list(own.products.all()),
        finish_date=factories.days(500),
        **({"number_of_codes": 100, "users_per_code": 2, "duration": 400} if own.is_codes else {}),
    )
    return approve_request(request=own, by=membership.user, terms=offered_terms(own), parent=parent)


def test_it_becomes_a_request_of_the_suppliers_own(license_request, hub, hub_admin, distributor):
    own = forward(
        license_request, hub_admin, purchase_order="PO-HUB", comments="For a school of ours"
    )

    license_request.refresh_from_db()
    assert license_request.is_pending and license_request.forwarded_as == own
    own.refresh_from_db()
    assert (own.assigned_to, own.requested_by_organization, own.requested_to) == (
        hub,
        hub,
        distributor,
    )
    assert (own.inventory_type, own.requested_students, own.users_per_code) == ("codes", 30, 2)
    assert set(own.products.all()) == set(license_request.products.all())
    assert (own.purchase_order, own.requester_comments) == ("PO-HUB", "For a school of ours")
    assert last_act(license_request) == {"action": "order.forwarded", "user": hub_admin.user.pk}


def test_the_first_requester_is_not_forwarded(license_request, admin, hub_admin, distributor_admin):
    mail.outbox.clear()
    forward(license_request, hub_admin, comments="For a school of ours")
    (message,) = mail.outbox
    assert message.to == [distributor_admin.user.email]
    for body in (message.subject, message.body, message.alternatives[0][0]):
        for secret in (
            "Tolano",
            str(admin.user),
            "PO-CENTER",
            "Only for the hub",
            str(license_request),
        ):
            assert secret not in body


def test_a_renewal_is_forwarded_as_a_new_license(admin, hub_admin, center):
    order = factories.order(assigned_to=center, students=40)
    renewal = factories.renewal_request(order, membership=admin, students=50)
    own = forward_request(request=renewal, by=hub_admin.user, comments="x")
    renewal.refresh_from_db()
    assert renewal.is_pending and renewal.forwarded_as == own
    assert (own.requested_students, own.renewal_of) == (50, None)
    assert set(own.products.all()) == set(order.products.all())
    assert last_act(renewal)["action"] == "renewal.forwarded"


def test_a_product_that_was_retired_meanwhile_is_forwarded_too(
    license_request, admin, hub_admin, center
):
    renewal = factories.renewal_request(factories.order(assigned_to=center), membership=admin)
    Product.objects.update(is_retired=True)

    forwarded = [
        forward(license_request, hub_admin),
        forward_request(request=renewal, by=hub_admin.user),
    ]

    for own, order in zip(forwarded, (license_request, renewal.order), strict=True):
        assert set(own.products.all()) == set(order.products.all())


def test_only_the_suppliers_administrators_forward(
    license_request, admin, distributor_admin, staff
):
    for who in (admin.user, distributor_admin.user, staff):
        with pytest.raises(NotAllowed):
            forward_request(request=license_request, by=who)
    assert Order.objects.count() == 1


def test_twice_is_refused_while_the_former_is_pending_or_approved(
    license_request, hub_admin, distributor_admin
):
    own = forward(license_request, hub_admin)
    with pytest.raises(DomainError, match=f"to North Distribution as order {own}"):
        forward(license_request, hub_admin)
    approved_by(distributor_admin, own)
    with pytest.raises(DomainError, match="already"):
        forward(license_request, hub_admin)


@pytest.mark.parametrize("end", [Outcome.REJECTED, Outcome.WITHDRAWN])
def test_again_after_the_former_was_rejected_or_withdrawn(
    license_request, hub_admin, distributor_admin, end
):
    own = forward(license_request, hub_admin)
    if end == Outcome.REJECTED:
        reject_request(request=own, by=distributor_admin.user, comments="No")
    else:
        withdraw_request(request=own, by=hub_admin.user)
    again = forward(license_request, hub_admin)
    license_request.refresh_from_db()
    assert license_request.forwarded_as == again != own


def test_a_reviewed_request_is_not_forwarded(license_request, hub_admin):
    reject_request(request=license_request, by=hub_admin.user, comments="No")
    with pytest.raises(DomainError, match="no longer pending"):
        forward(license_request, hub_admin)


def test_a_chain_of_three_is_filled_from_the_top(
    license_request, hub, hub_admin, distributor, distributor_admin, staff
):
    own = forward(license_request, hub_admin)
    top = forward(own, distributor_admin)
    license_request.refresh_from_db()
    assert license_request.forwards == [own, top]
    assert license_request.pending_with.is_vendor

    approve_request(request=top, by=staff, terms=offered_terms(top))
    license_request.refresh_from_db()
    assert license_request.pending_with == distributor
    own.refresh_from_db()
    offer = fulfillment_of(own)
    assert offer.parents[0] == top
    approve_request(
        request=own, by=distributor_admin.user, terms=offer.terms, parent=offer.parents[0]
    )
    license_request.refresh_from_db()
    assert license_request.pending_with == hub
    # Another order fits as well; the one requested to fill it is first.
    factories.order(
        factories.CODES,
        assigned_to=hub,
        users_per_code=2,
        number_of_codes=50,
        finish_date=factories.days(30),
        product_mix=list(license_request.products.all()),
    )
    offer = fulfillment_of(license_request)
    assert offer.parents[0] == own
    filled = approve_request(
        request=license_request, by=hub_admin.user, terms=offer.terms, parent=offer.parents[0]
    )
    assert (filled.parent, filled.number_of_codes) == (own, 15)


def test_the_forwarder_is_notified_that_the_first_can_be_filled(
    license_request, hub, hub_admin, distributor_admin, admin
):
    colleague = factories.member(hub)
    own = forward(license_request, hub_admin)
    mail.outbox.clear()
    approved_by(distributor_admin, own)
    subject = f"You can now approve Tolano Adventures' request: order {own} was granted"
    for who in (hub_admin, colleague):
        message = sent_emails()[who.user.email, subject]
        for body in (message.body, message.alternatives[0][0]):
            assert f"/inventory/{license_request.number}/decide/" in body
    assert admin.user.email not in {message.to[0] for message in mail.outbox}


def test_the_forwarder_is_notified_of_a_rejection(admin, center, hub_admin, distributor_admin):
    order = factories.order(assigned_to=center)
    renewal = factories.renewal_request(order, membership=admin)
    own = forward_request(request=renewal, by=hub_admin.user)
    mail.outbox.clear()
    reject_request(request=own, by=distributor_admin.user, comments="Nothing left")
    subject = f"Tolano Adventures' request needs your review again: order {own} was rejected"
    message = sent_emails()[hub_admin.user.email, subject]
    for body in (message.body, message.alternatives[0][0]):
        assert "Nothing left" in body
        assert f"/inventory/{order.number}/renewal/decide/" in body


def test_a_request_no_longer_pending_is_not_offered_to_be_filled(
    license_request, hub_admin, distributor_admin
):
    own = forward(license_request, hub_admin)
    reject_request(request=license_request, by=hub_admin.user, comments="No")
    mail.outbox.clear()
    reject_request(request=own, by=distributor_admin.user, comments="No")
    assert len(mail.outbox) == 1


def test_a_withdrawal_by_someone_of_cci_is_no_move(license_request, center, hub_admin, staff):
    """The person may be an administrator of the requesting organization, too."""
    factories.member(center, user=staff)
    own = forward(license_request, hub_admin)
    mail.outbox.clear()
    withdraw_request(request=license_request, by=staff)
    (message,) = mail.outbox
    for body in (message.subject, message.body, message.alternatives[0][0]):
        assert "Tolano Adventures" in body and "withdrew" in body
        assert "moved" not in body
    assert str(own) in message.subject


def test_withdrawing_the_first_notifies_the_supplier_whose_own_stays(
    license_request, admin, hub_admin
):
    own = forward(license_request, hub_admin)
    mail.outbox.clear()
    withdraw_request(request=license_request, by=admin.user)
    (message,) = mail.outbox
    assert message.to == [hub_admin.user.email]
    assert message.subject == (
        f"Tolano Adventures withdrew the request that you forwarded as order {own}"
    )
    for body in (message.body, message.alternatives[0][0]):
        assert f"/inventory/{own.number}/edit/" in body
        assert "still pending" in body
        assert "moved" not in body
    own.refresh_from_db()
    assert own.is_pending


def test_withdrawing_a_renewal_notifies_the_supplier_too(
    admin, center, hub_admin, distributor_admin
):
    renewal = factories.renewal_request(factories.order(assigned_to=center), membership=admin)
    own = forward_request(request=renewal, by=hub_admin.user)
    mail.outbox.clear()
    withdraw_request(request=renewal, by=admin.user)
    assert [message.to for message in mail.outbox] == [[hub_admin.user.email]]
    # Nobody, if the supplier's own request had failed before.
    renewal = factories.renewal_request(renewal.order, membership=admin)
    own = forward_request(request=renewal, by=hub_admin.user)
    reject_request(request=own, by=distributor_admin.user, comments="No")
    mail.outbox.clear()
    withdraw_request(request=renewal, by=admin.user)
    assert mail.outbox == []


def test_two_who_forward_at_once_create_one_request(license_request, hub, hub_admin):
    colleague = factories.member(hub)
    results = at_once(
        lambda: forward_request(request=license_request, by=hub_admin.user),
        lambda: forward_request(request=license_request, by=colleague.user),
        hold=license_request,
    )
    (refusal,) = refusals(results)
    assert f"{hub_admin.user} already forwarded this request" in str(refusal)
    assert Order.objects.filter(assigned_to=hub).count() == 1


def test_forwarding_and_rejecting_at_once_only_one_succeeds(license_request, hub, hub_admin):
    colleague = factories.member(hub)
    results = at_once(
        lambda: reject_request(request=license_request, by=colleague.user, comments="No"),
        lambda: forward_request(request=license_request, by=hub_admin.user),
        hold=license_request,
    )
    (refusal,) = refusals(results)
    assert f"it was rejected by {colleague.user}" in str(refusal)
    assert not Order.objects.filter(assigned_to=hub).exists()


def test_two_who_forward_a_renewal_at_once(admin, center, hub, hub_admin, distributor_admin):
    renewal = factories.renewal_request(factories.order(assigned_to=center), membership=admin)
    results = at_once(
        *[lambda: forward_request(request=renewal, by=hub_admin.user) for _time in range(3)]
    )
    assert len(refusals(results)) == 2
    assert Order.objects.filter(assigned_to=hub).count() == 1


def test_two_who_approve_at_once_allocate_once(license_request, hub, hub_admin):
    colleague = factories.member(hub)
    parent = factories.order(
        factories.CODES,
        assigned_to=hub,
        users_per_code=2,
        number_of_codes=50,
        duration=400,
        finish_date=factories.days(500),
        product_mix=list(license_request.products.all()),
    )
    terms = offered_terms(license_request)
    results = at_once(
        *[
            lambda by=by: approve_request(
                request=license_request, by=by, terms=terms, parent=parent
            )
            for by in (hub_admin.user, colleague.user)
        ],
        hold=license_request,
    )
    (refusal,) = refusals(results)
    assert f"it was approved by {hub_admin.user}" in str(refusal)
    parent.refresh_from_db()
    assert parent.codes_allocated == 15
