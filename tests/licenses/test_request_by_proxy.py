"""A request for a new license that an organization above makes in the holder's place."""

import pytest
from django.core import mail

from jasper_inventory.accounts.models import Level
from jasper_inventory.lib.exceptions import NotAllowed
from licenses import services
from licenses.models import Order, Outcome
from tests import factories
from tests.pages import DIALOG, facts, notifications, page_text, parsed, rows, text

pytestmark = pytest.mark.django_db
ADDRESS = "/inventory/request/"


@pytest.fixture
def site(sign_in, hub_admin):
    return sign_in(hub_admin)


@pytest.fixture
def mix(db):
    return factories.products(2)


def ask(by, organization, **values):
    return services.request_order(
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
    order = ask(hub_admin, center)

    assert (order.assigned_to, order.requested_to) == (center, hub)
    assert (order.requested_by_organization, order.requested_by) == (hub, hub_admin.user)
    assert order.is_by_proxy
    assert not factories.license_request().is_by_proxy


def test_one_far_above_may_ask_and_the_supplier_between_decides():
    distributor = factories.organization(level=Level.DISTRIBUTOR)
    reseller = factories.organization(level=Level.RESELLER, parent=distributor)
    center = factories.organization(parent=reseller)

    assert ask(factories.member(distributor), center).requested_to == reseller


def test_nobody_asks_for_who_is_not_below(hub, center, admin, hub_admin, foreign_admin, staff):
    sibling = factories.member(factories.organization(parent=hub))
    for by, target in (
        (admin, hub),
        (sibling, center),
        (foreign_admin, center),
        (hub_admin, foreign_admin.organization),
        (factories.member(hub, role=2), center),
    ):
        with pytest.raises(NotAllowed):
            ask(by, target)
    with pytest.raises(NotAllowed):
        services.request_order(
            organization=center,
            requested_by_organization=hub,
            inventory_type="center",
            products=factories.products(),
            by=foreign_admin.user,
        )
    assert not Order.objects.exists()


def test_both_sides_may_withdraw_and_nobody_else(hub, center, admin, hub_admin, foreign_admin):
    sibling = factories.member(factories.organization(parent=hub))
    for by in (admin, hub_admin):
        order = ask(hub_admin, center)
        for stranger in (sibling, foreign_admin):
            with pytest.raises(NotAllowed):
                services.withdraw_order(order=order, by=stranger.user)
        assert services.withdraw_order(order=order, by=by.user).outcome == Outcome.WITHDRAWN


def test_the_holder_is_told_of_the_request_and_both_of_the_decision(
    hub, center, admin, hub_admin, staff, django_capture_on_commit_callbacks
):
    mail.outbox.clear()
    with django_capture_on_commit_callbacks(execute=True):
        order = ask(hub_admin, center)
    told = {tuple(each.to): each for each in mail.outbox}
    assert set(told) == {(admin.user.email,), (hub_admin.user.email,)}
    holders, suppliers = told[(admin.user.email,)], told[(hub_admin.user.email,)]
    assert holders.subject == "Harbour Hub requested a new license for Tolano Adventures"
    assert f"{hub_admin.user} of Harbour Hub requested" in holders.body
    assert "requests a new license for Tolano Adventures and waits" in suppliers.body
    assert "Requested For: Tolano Adventures" in suppliers.body

    mail.outbox.clear()
    with django_capture_on_commit_callbacks(execute=True):
        services.reject_order(order=order, by=staff, comments="Not now")
    told = {tuple(each.to): each.body for each in mail.outbox}
    assert len(mail.outbox) == 2
    assert "that you made for Tolano Adventures" in told[(hub_admin.user.email,)]
    assert "that Harbour Hub made for Tolano Adventures" in told[(admin.user.email,)]


# The windows


def test_for_whom_is_chosen_first(site, hub, center, foreign_admin):
    below = factories.organization("Other Centre", parent=hub)

    page = parsed(site.get(ADDRESS))

    assert page.cssselect("input#id_for")[0].get("value") == "Harbour Hub"
    assert not page.cssselect(".proxy")
    chosen = parsed(site.get(ADDRESS, {"for": below.pk, "next": "/inventory/?status=requested"}))
    assert "You request this for Other Centre" in text(chosen.cssselect(".proxy")[0])
    assert chosen.cssselect("input#id_for")[0].get("value") == "Other Centre"
    typed = site.get(ADDRESS, {"for": "other c"})
    assert f"for={below.pk}" in typed.url
    shown = facts(site.get(ADDRESS, {"for": below.pk}))
    assert shown["Requested To"] == "Harbour Hub"
    assert shown["Requested By"].startswith("Harbour Hub")
    assert shown["Requested For"] == "Other Centre"


def test_it_is_requested_for_the_one_below(site, center, hub, mix):
    factories.order(assigned_to=center)
    address = f"{ADDRESS}?for={center.pk}"
    assert "Tolano Adventures has 1 available license(s)" in page_text(site.get(address))

    assert site.post(address, data(mix, requester_comments="By phone")).url == "/inventory/"

    assert notifications(site.get("/inventory/")) == ["The request was successfully submitted."]
    order = Order.objects.pending().get()
    assert (order.assigned_to, order.requested_by_organization) == (center, hub)


def test_an_error_keeps_for_whom(site, center, mix):
    response = site.post(f"{ADDRESS}?for={center.pk}", data(mix, inventory_type=""), **DIALOG)

    page = parsed(response)
    assert page.cssselect("form[method=post]")[0].get("hx-post") == f"{ADDRESS}?for={center.pk}"
    assert "You request this for Tolano Adventures" in text(page)


def test_who_is_not_below_is_not_found(site, sign_in, admin, hub, foreign_admin, mix):
    wrong = [foreign_admin.organization.pk, factories.vendor().pk, "9" * 40, "٣"]
    for pk in wrong:
        assert site.get(ADDRESS, {"for": pk}).status_code == 404
    for typed in ("x", "-1", foreign_admin.organization.name):
        told = page_text(site.get(ADDRESS, {"for": typed}))
        assert "No organization of this name was found." in told
    for pk in [*wrong, "x", "-1", foreign_admin.organization.name]:
        assert site.post(f"{ADDRESS}?for={pk}", data(mix)).status_code == 404
    center_site = sign_in(admin)
    assert center_site.get(ADDRESS, {"for": hub.pk}).status_code == 404
    assert not parsed(center_site.get(ADDRESS)).cssselect("#id_for")
    assert not Order.objects.exists()


def test_both_sides_see_who_asked_and_may_withdraw(sign_in, admin, hub_admin, center):
    for reader in (admin, hub_admin):
        site = sign_in(reader)
        order = ask(hub_admin, center)
        asked = facts(site.get(f"/inventory/{order.number}/edit/"))["Requested By"]
        assert asked == f"Harbour Hub {hub_admin.user} for Tolano Adventures"
        assert f"Withdraw request {order.number}" in rows(site.get("/inventory/"))[0]["Options"]
        window = site.get(f"/inventory/{order.number}/withdraw/")
        told = f"Requested by Harbour Hub, {hub_admin.user}, for Tolano Adventures."
        assert told in page_text(window)
        assert site.post(f"/inventory/{order.number}/withdraw/").url == "/inventory/"
        order.refresh_from_db()
        assert order.outcome == Outcome.WITHDRAWN


def test_strangers_withdraw_nothing(sign_in, hub, center, hub_admin, foreign_admin):
    distributor = factories.member(factories.vendor())
    order = ask(hub_admin, center)
    address = f"/inventory/{order.number}/withdraw/"
    sibling = factories.member(factories.organization(parent=hub))
    for stranger in (sibling, foreign_admin):
        assert sign_in(stranger).post(address).status_code == 404
    assert sign_in(distributor).post(address).status_code == 403
    order.refresh_from_db()
    assert order.is_pending


def test_the_admin_says_for_whom(sign_in, staff, center, hub_admin):
    order = ask(hub_admin, center)

    site = sign_in(staff)
    page = page_text(site.get(f"/admin/licenses/licenserequest/{order.pk}/change/"))

    assert "for Tolano Adventures" in page
