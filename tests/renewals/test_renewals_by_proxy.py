"""A renewal that an organization above the holder requests for it."""

import pytest
from django.core import mail

from jasper_inventory.lib.exceptions import NotAllowed
from licenses.models import Outcome
from licenses.services.requests import (
    approve_request,
    offered_terms,
    reject_request,
    withdraw_request,
)
from renewals import services
from renewals.models import RenewalRequest
from tests import factories
from tests.pages import DIALOG, facts, owner_of, page_text, parsed, press_continue, rows, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(center):
    return factories.order(assigned_to=center, finish_date=factories.days(20), students=40)


@pytest.fixture
def site(sign_in, hub_admin):
    return sign_in(hub_admin)


def request_by(by, order):
    start, finish = services.offered_dates(order)
    return services.request_renewal(
        order=order,
        requested_by_organization=by.organization,
        code_choice="new",
        start_date=start,
        finish_date=finish,
        students=40,
        by=by.user,
    )


def address(order, act="renew"):
    return f"/inventory/{order.number}/{act}/"


def data(**values):
    dates = {"start_date": str(factories.days(21)), "finish_date": str(factories.days(400))}
    return {"code_choice": "new", "students": "40"} | dates | values


def test_it_names_both_and_so_does_the_new_order(order, hub, hub_admin, staff):
    renewal = request_by(hub_admin, order)

    assert (renewal.requested_by_organization, renewal.requested_to) == (hub, hub)
    assert renewal.is_by_proxy
    new = approve_request(request=renewal, by=staff, terms=offered_terms(renewal))
    assert (new.assigned_to, new.requested_by_organization) == (order.assigned_to, hub)


def test_nobody_requests_for_organizations_out_of_scope(order, hub, foreign_admin):
    for by in (foreign_admin, factories.member(factories.organization(parent=hub))):
        with pytest.raises(NotAllowed):
            request_by(by, order)


def test_who_may_withdraw(order, admin, hub_admin, hub, foreign_admin):
    sibling = factories.member(factories.organization(parent=hub))
    for by in (admin, hub_admin):
        renewal = request_by(hub_admin, order)
        for stranger in (sibling, foreign_admin):
            assert not RenewalRequest.objects.manageable_by(stranger).exists()
            with pytest.raises(NotAllowed):
                withdraw_request(request=renewal, by=stranger.user)
        assert RenewalRequest.objects.pending().manageable_by(by).get() == renewal
        withdraw_request(request=renewal, by=by.user)
        assert renewal.outcome == Outcome.WITHDRAWN


def test_the_other_side_is_notified_when_one_withdraws_it(
    order, admin, hub_admin, django_capture_on_commit_callbacks
):
    for by, other, organization in (
        (hub_admin, admin, "Harbour Hub"),
        (admin, hub_admin, "Tolano Adventures"),
    ):
        renewal = request_by(hub_admin, order)
        mail.outbox.clear()
        with django_capture_on_commit_callbacks(execute=True):
            withdraw_request(request=renewal, by=by.user)
        (message,) = mail.outbox
        assert message.to == [other.user.email]
        assert message.subject == f"{organization} withdrew a request for Tolano Adventures"
        assert f"withdrew the request to renew order {order.number}" in message.body


def test_the_holder_is_notified_of_the_request_and_both_of_the_review(
    order, admin, hub_admin, staff, django_capture_on_commit_callbacks
):
    mail.outbox.clear()
    with django_capture_on_commit_callbacks(execute=True):
        renewal = request_by(hub_admin, order)
    sent = {tuple(each.to): each for each in mail.outbox}
    assert sent[(admin.user.email,)].subject == (
        f"Harbour Hub requested the renewal of order {order.number} for Tolano Adventures"
    )
    assert "for Tolano Adventures. The request is pending" in sent[(hub_admin.user.email,)].body

    mail.outbox.clear()
    with django_capture_on_commit_callbacks(execute=True):
        reject_request(request=renewal, by=staff, comments="Too early")
    sent = {tuple(each.to): each.body for each in mail.outbox}
    assert len(mail.outbox) == 2
    renewing = f"request to renew order {order.number} for Tolano Adventures"
    assert f"your {renewing}" in sent[(hub_admin.user.email,)]
    assert f"Harbour Hub's {renewing}" in sent[(admin.user.email,)]


def test_the_window_names_the_organization_and_requests_it(site, order, hub):
    shown = site.get(address(order), **DIALOG)
    assert "You are requesting this for Tolano Adventures" in text(
        parsed(shown).cssselect(".proxy")[0]
    )
    assert facts(shown)["Requested For"] == "Tolano Adventures"

    assert site.post(address(order), data()).url == "/inventory/"

    renewal = RenewalRequest.objects.get()
    assert (renewal.order, renewal.requested_by_organization) == (order, hub)


def test_sent_with_another_role_than_it_was_opened_with_it_is_refused(
    site, order, hub, hub_admin, center
):
    at_center = factories.member(center, user=hub_admin.user)
    shown = owner_of(site.get(address(order)))
    site.post(f"/role/{at_center.pk}/")

    refused = site.post(address(order), data(form_owner=shown, requester_comments="By phone"))

    assert "You opened this form as Hub Admin of Harbour Hub." in page_text(refused)
    assert not RenewalRequest.objects.exists()
    again = press_continue(site, refused)
    assert text(parsed(again).cssselect("#id_requester_comments")[0]) == "By phone"
    assert facts(again)["Requested By"].startswith("Harbour Hub")
    assert site.post(address(order), data(form_owner=owner_of(again))).url == "/inventory/"
    assert RenewalRequest.objects.get().requested_by_organization == hub


def test_a_row_of_a_sub_organization_has_renew_and_then_withdraw(
    sign_in, site, order, admin, hub_admin
):
    assert f"Renew order {order.number}" in rows(site.get("/inventory/"))[0]["Options"]
    request_by(admin, order)
    assert "Withdraw" not in rows(site.get("/inventory/"))[0]["Options"]
    assert site.post(address(order, "renew/withdraw")).status_code == 403
    withdraw_request(request=RenewalRequest.objects.get(), by=admin.user)

    request_by(hub_admin, order)

    for reader in (admin, hub_admin):
        own = sign_in(reader)
        withdraw = f"Withdraw the renewal request of order {order.number}"
        assert withdraw in rows(own.get("/inventory/"))[0]["Options"]
        sentence = f"Requested by Harbour Hub ({hub_admin.user}) for Tolano Adventures."
        assert sentence in page_text(own.get(address(order, "renew/withdraw")))
    assert sign_in(admin).post(address(order, "renew/withdraw")).url == "/inventory/"
    assert not RenewalRequest.objects.pending().exists()


def test_the_admin_names_the_organization(sign_in, staff, order, hub_admin):
    renewal = request_by(hub_admin, order)
    page = sign_in(staff).get(f"/admin/renewals/renewalrequest/{renewal.pk}/change/")
    assert "for Tolano Adventures" in page_text(page)
