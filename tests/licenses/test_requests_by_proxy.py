"""A request for a new license that an organization above the holder makes for it."""

import pytest
from django.core import mail

from jasper_inventory.accounts.models import Level
from jasper_inventory.lib.exceptions import NotAllowed
from jasper_inventory.support.organization_moves import edit_organization
from licenses.models import Order, Outcome
from licenses.services.requests import reject_request, request_order, withdraw_request
from tests import factories
from tests.pages import (
    DIALOG,
    facts,
    field_errors,
    notifications,
    owner_of,
    page_text,
    parsed,
    press_continue,
    rows,
    text,
)

pytestmark = pytest.mark.django_db
ADDRESS = "/inventory/request/"


@pytest.fixture
def site(sign_in, hub_admin):
    return sign_in(hub_admin)


@pytest.fixture
def mix(db):
    return factories.products(2)


def request_by(by, organization, **values):
    return request_order(
        organization=organization,
        requested_by_organization=by.organization,
        inventory_type="center",
        products=values.pop("products", None) or factories.products(),
        students=30,
        by=by.user,
        **values,
    )


def data(mix, **values):
    named = {"inventory_type": "center", "students": "30"}
    return named | {"products": [product.pk for product in mix]} | values


# The service


def test_it_names_both_and_is_addressed_to_the_holders_supplier(hub, center, hub_admin):
    order = request_by(hub_admin, center)

    assert (order.assigned_to, order.requested_to) == (center, hub)
    assert (order.requested_by_organization, order.requested_by) == (hub, hub_admin.user)
    assert order.is_by_proxy
    assert not factories.license_request().is_by_proxy


def test_an_organization_far_above_may_request_and_the_supplier_between_reviews():
    distributor = factories.organization(level=Level.DISTRIBUTOR)
    reseller = factories.organization(level=Level.RESELLER, parent=distributor)
    center = factories.organization(parent=reseller)

    assert request_by(factories.member(distributor), center).requested_to == reseller


def test_nobody_requests_for_organizations_out_of_scope(
    hub, center, admin, hub_admin, foreign_admin, staff
):
    sibling = factories.member(factories.organization(parent=hub))
    for by, target in (
        (admin, hub),
        (sibling, center),
        (foreign_admin, center),
        (hub_admin, foreign_admin.organization),
        (factories.member(hub, role=2), center),
    ):
        with pytest.raises(NotAllowed):
            request_by(by, target)
    with pytest.raises(NotAllowed):
        request_order(
            organization=center,
            requested_by_organization=hub,
            inventory_type="center",
            products=factories.products(),
            by=foreign_admin.user,
        )
    assert not Order.objects.exists()


def test_only_both_sides_may_withdraw(hub, center, admin, hub_admin, foreign_admin):
    sibling = factories.member(factories.organization(parent=hub))
    for by in (admin, hub_admin):
        order = request_by(hub_admin, center)
        for stranger in (sibling, foreign_admin):
            with pytest.raises(NotAllowed):
                withdraw_request(request=order, by=stranger.user)
        assert withdraw_request(request=order, by=by.user).outcome == Outcome.WITHDRAWN


def test_the_other_side_is_notified_when_one_withdraws_it(
    hub, center, admin, hub_admin, django_capture_on_commit_callbacks
):
    colleague = factories.member(center)
    for by, recipients, organization in (
        (hub_admin, {admin.user.email, colleague.user.email}, "Harbour Hub"),
        (admin, {hub_admin.user.email}, "Tolano Adventures"),
    ):
        order = request_by(hub_admin, center)
        mail.outbox.clear()
        with django_capture_on_commit_callbacks(execute=True):
            withdraw_request(request=order, by=by.user)
        assert {address for each in mail.outbox for address in each.to} == recipients
        subject = f"{organization} withdrew a request for Tolano Adventures"
        assert {each.subject for each in mail.outbox} == {subject}
        body = mail.outbox[0].body
        assert f"{by.user} of {organization} withdrew the request for a new license" in body
        assert f"(order {order.number})" in body
        assert "that Harbour Hub made for Tolano Adventures" in body


def test_a_move_withdraws_a_proxys_request_and_withdrawing_ones_own_notifies_nobody(
    hub, center, admin, hub_admin, staff, django_capture_on_commit_callbacks
):
    moved, own = request_by(hub_admin, center), factories.license_request(membership=admin)
    names = {"name": center.name, "level": center.level}
    edit_organization(
        organization=center, parent=factories.organization(level=Level.HUB), by=staff, **names
    )
    moved.refresh_from_db()
    assert moved.outcome == Outcome.WITHDRAWN
    mail.outbox.clear()
    with django_capture_on_commit_callbacks(execute=True):
        withdraw_request(request=Order.objects.get(pk=own.pk), by=admin.user)
    assert mail.outbox == []


def test_the_holder_is_notified_of_the_request_and_both_of_the_review(
    hub, center, admin, hub_admin, staff, django_capture_on_commit_callbacks
):
    mail.outbox.clear()
    with django_capture_on_commit_callbacks(execute=True):
        order = request_by(hub_admin, center)
    sent = {tuple(each.to): each for each in mail.outbox}
    assert set(sent) == {(admin.user.email,), (hub_admin.user.email,)}
    holders, suppliers = sent[(admin.user.email,)], sent[(hub_admin.user.email,)]
    assert holders.subject == "Harbour Hub requested a new license for Tolano Adventures"
    assert f"{hub_admin.user} of Harbour Hub requested" in holders.body
    assert "requested a new license for Tolano Adventures. The request is pending" in suppliers.body
    assert "Requested For: Tolano Adventures" in suppliers.body

    mail.outbox.clear()
    with django_capture_on_commit_callbacks(execute=True):
        reject_request(request=order, by=staff, comments="Not now")
    sent = {tuple(each.to): each.body for each in mail.outbox}
    assert len(mail.outbox) == 2
    phrase = "request for a new license for Tolano Adventures"
    assert f"your {phrase}" in sent[(hub_admin.user.email,)]
    assert f"Harbour Hub's {phrase}" in sent[(admin.user.email,)]


# The windows


def test_choosing_the_organization_shows_its_request_and_keeps_what_was_typed(site, hub, mix):
    factories.organization("Other Centre", parent=hub)
    page = parsed(site.get(ADDRESS))
    assert page.cssselect("input#id_for")[0].get("value") == "Harbour Hub"
    assert not page.cssselect(".proxy")
    typed = {"for": "other c", "choose": "1", "requester_comments": "By phone"}

    response = site.post(ADDRESS, data(mix, inventory_type="", **typed))

    page = parsed(response)
    assert "You are requesting this for Other Centre" in text(page.cssselect(".proxy")[0])
    assert page.cssselect("input#id_for")[0].get("value") == "Other Centre"
    shown = facts(response)
    assert shown["Requested To"] == "Harbour Hub"
    assert shown["Requested By"].startswith("Harbour Hub")
    assert shown["Requested For"] == "Other Centre"
    # Empty fields aren't errors yet, and nothing is requested.
    assert not page.cssselect("[data-jasper-errors]")
    assert text(page.cssselect("#id_requester_comments")[0]) == "By phone"
    assert page.cssselect("#id_students")[0].get("value") == "30"
    assert len(page.cssselect("[name=products][checked]")) == len(mix)
    assert not Order.objects.exists()


def test_it_is_requested_for_the_sub_organization(site, center, hub, mix):
    factories.order(assigned_to=center)
    address = f"{ADDRESS}?for={center.pk}"
    response = site.get(address)
    assert "Tolano Adventures has 1 available license(s)" in page_text(response)
    shown = parsed(response).cssselect("input#id_for")[0].get("value")
    sent = data(mix, requester_comments="By phone", **{"for": shown})

    answer = site.post(address, sent)

    message = "The request for Tolano Adventures was successfully submitted."
    assert notifications(site.get("/inventory/"))[0].startswith(message)
    order = Order.objects.pending().get()
    assert answer.url == f"/inventory/#order-{order.number}"
    assert (order.assigned_to, order.requested_by_organization) == (center, hub)


def test_a_typed_name_that_was_not_chosen_counts(site, center, hub, mix):
    assert site.post(ADDRESS, data(mix, **{"for": "tolano"})).status_code == 302

    message = "The request for Tolano Adventures was successfully submitted."
    assert notifications(site.get("/inventory/"))[0].startswith(message)
    assert Order.objects.get().assigned_to == center


@pytest.mark.parametrize("act", [{}, {"choose": "1"}])
@pytest.mark.parametrize(
    ("typed", "error"),
    [
        ("zzz", "No organization with this name was found."),
        ("Elsewhere", "No organization with this name was found."),
        ("a", "Several organizations match. Choose one."),
        ("", "Enter the organization."),
    ],
)
def test_an_unknown_or_ambiguous_name_is_reported_next_to_it(
    site, center, foreign_admin, mix, typed, error, act
):
    sent = data(mix, requester_comments="By phone", **{"for": typed}, **act)

    response = site.post(ADDRESS, sent)

    assert field_errors(response) == {"for": error}
    page = parsed(response)
    assert page.cssselect("input#id_for")[0].get("value") == typed
    assert text(page.cssselect("#id_requester_comments")[0]) == "By phone"
    assert len(page.cssselect("[name=products][checked]")) == len(mix)
    assert not Order.objects.exists()


def test_one_of_several_organizations_is_chosen_below_the_name(site, center, mix):
    page = parsed(site.post(ADDRESS, data(mix, **{"for": "a"})))
    offered = [each.get("value") for each in page.cssselect(".find-offered input")]
    assert f"#{center.pk}" in offered

    site.post(ADDRESS, data(mix, **{"for": ["a", f"#{center.pk}"]}))

    assert Order.objects.get().assigned_to == center


def test_an_error_keeps_the_organization(site, center, mix):
    sent = data(mix, inventory_type="", **{"for": center.name})
    response = site.post(f"{ADDRESS}?for={center.pk}", sent, **DIALOG)

    page = parsed(response)
    assert (
        page.cssselect("form[method=post]")[0].get("data-hx-post") == f"{ADDRESS}?for={center.pk}"
    )
    assert "You are requesting this for Tolano Adventures" in text(page)
    assert page.cssselect("input#id_for")[0].get("value") == "Tolano Adventures"


def test_organizations_out_of_scope_are_not_found(site, sign_in, admin, hub, foreign_admin, mix):
    wrong = [foreign_admin.organization.pk, factories.vendor().pk, "9" * 40, "٣", "x", "-1"]
    for pk in wrong:
        assert site.get(ADDRESS, {"for": pk}).status_code == 404
        assert site.post(f"{ADDRESS}?for={pk}", data(mix)).status_code == 404
    center_site = sign_in(admin)
    assert center_site.get(ADDRESS, {"for": hub.pk}).status_code == 404
    assert not parsed(center_site.get(ADDRESS)).cssselect("#id_for")
    # A center's own request names nobody, regardless of the data sent.
    center_site.post(ADDRESS, data(mix, **{"for": hub.name}))
    assert Order.objects.get().assigned_to == admin.organization


def test_the_organization_survives_a_switch_of_the_role(site, hub_admin, center, mix):
    """One person, two roles: opened in the hub's, sent in the center's, then in the hub's."""
    at_center = factories.member(center, user=hub_admin.user)
    shown = owner_of(site.get(ADDRESS))
    site.post(f"/role/{at_center.pk}/")

    refused = site.post(ADDRESS, data(mix, form_owner=shown, **{"for": "Tolano Adventures"}))

    assert "You opened this form as Hub Admin of Harbour Hub." in page_text(refused)
    assert not Order.objects.exists()
    again = press_continue(site, refused)
    assert parsed(again).cssselect("[name=for]")[0].get("value") == "Tolano Adventures"
    site.post(ADDRESS, data(mix, form_owner=owner_of(again), **{"for": "Tolano Adventures"}))
    order = Order.objects.get()
    assert (order.assigned_to, order.requested_by_organization) == (center, hub_admin.organization)


def test_both_sides_see_the_requester_and_may_withdraw(sign_in, admin, hub_admin, center):
    for reader in (admin, hub_admin):
        site = sign_in(reader)
        order = request_by(hub_admin, center)
        requested_by = facts(site.get(f"/inventory/{order.number}/edit/"))["Requested By"]
        assert requested_by == f"Harbour Hub {hub_admin.user} for Tolano Adventures"
        assert f"Withdraw request {order.number}" in rows(site.get("/inventory/"))[0]["Options"]
        window = site.get(f"/inventory/{order.number}/withdraw/")
        message = f"Requested by Harbour Hub ({hub_admin.user}) for Tolano Adventures."
        assert message in page_text(window)
        assert site.post(f"/inventory/{order.number}/withdraw/").url == "/inventory/"
        order.refresh_from_db()
        assert order.outcome == Outcome.WITHDRAWN


def test_strangers_withdraw_nothing(sign_in, hub, center, hub_admin, foreign_admin):
    distributor = factories.member(factories.vendor())
    order = request_by(hub_admin, center)
    address = f"/inventory/{order.number}/withdraw/"
    sibling = factories.member(factories.organization(parent=hub))
    for stranger in (sibling, foreign_admin):
        assert sign_in(stranger).post(address).status_code == 404
    assert sign_in(distributor).post(address).status_code == 403
    order.refresh_from_db()
    assert order.is_pending


def test_the_admin_names_the_organization(sign_in, staff, center, hub_admin):
    order = request_by(hub_admin, center)

    site = sign_in(staff)
    page = page_text(site.get(f"/admin/licenses/licenserequest/{order.pk}/change/"))

    assert "for Tolano Adventures" in page
