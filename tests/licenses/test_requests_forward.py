"""The Forward Request window."""

import uuid

import pytest

from jasper_inventory.accounts.models import Level
from jasper_inventory.support.organization_moves import edit_organization
from licenses.models import Order
from licenses.services.requests import forward_request, reject_request, withdraw_request
from tests import factories
from tests.pages import DIALOG, facts, field_errors, notifications, page_text, parsed, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def site(sign_in, hub_admin):
    return sign_in(hub_admin)


@pytest.fixture
def license_request(admin, hub_admin):
    return factories.license_request(membership=admin, comments="Two classes")


def address(order):
    return f"/inventory/{order.number}/pass-on/"


def values(**changed):
    typed = {"form_token": str(uuid.uuid4()), "purchase_order": "PO-HUB"}
    return {**typed, "requester_comments": "For a school", **changed}


def test_it_shows_the_new_request_and_its_supplier(site, license_request):
    response = site.get(address(license_request))
    shown = facts(response)
    assert (shown["Requested To"], shown["Students"]) == ("CCI Learning", "30")
    assert license_request.products.first().name in shown["Products"]
    assert "Two classes" not in page_text(response)


def test_it_works_as_a_dialog(site, license_request):
    response = site.get(address(license_request), **DIALOG)
    assert b"<html" not in response.content
    assert "data-hx-post" in response.content.decode()


def test_it_is_forwarded_and_the_requester_sees_its_progress(
    site, sign_in, license_request, admin, hub
):
    response = site.post(address(license_request), values())
    assert (response.status_code, response.url) == (302, "/inventory/")
    own = Order.objects.get(assigned_to=hub)
    assert (own.purchase_order, own.requester_comments) == ("PO-HUB", "For a school")
    assert notifications(site.get("/inventory/")) == [
        f"The request was forwarded to CCI Learning as order {own.number}. CCI Learning will "
        "review it. We'll notify you; until then, you can withdraw it."
    ]
    center = sign_in(admin)
    for page in (
        center.get(f"/inventory/{license_request.number}/edit/"),
        center.get(f"/inventory/{license_request.number}/withdraw/"),
        center.get("/requests/"),
    ):
        shown = page_text(page)
        assert "Sent to Harbour Hub on" in shown
        assert "Harbour Hub forwarded it to CCI Learning on" in shown
        for secret in (str(own.number), "PO-HUB", "For a school"):
            assert secret not in shown
    assert "Pending review by CCI Learning" in page_text(center.get("/inventory/"))


def test_an_answer_is_described_by_name_and_day_only(
    site, sign_in, license_request, admin, hub_admin, staff
):
    own = forward_request(request=license_request, by=hub_admin.user)
    reject_request(request=own, by=staff, comments="SECRET")
    shown = page_text(sign_in(admin).get(f"/inventory/{license_request.number}/edit/"))
    assert "CCI Learning reviewed it on" in shown and "Harbour Hub will review it next." in shown
    assert "SECRET" not in shown
    assert "SECRET" in page_text(site.get(f"/inventory/{license_request.number}/decide/"))


def test_a_withdrawn_request_is_described_too(sign_in, license_request, admin, hub_admin):
    own = forward_request(request=license_request, by=hub_admin.user)
    withdraw_request(request=own, by=hub_admin.user)
    shown = page_text(sign_in(admin).get(f"/inventory/{license_request.number}/edit/"))
    assert "Harbour Hub withdrew the forwarded request on" in shown


def test_twice_is_refused(site, license_request, hub_admin, hub):
    forward_request(request=license_request, by=hub_admin.user)
    page = site.get(address(license_request))
    assert "This request can't be forwarded now." in page_text(page)
    assert not parsed(page).cssselect("main form")
    assert "already forwarded this request" in page_text(
        site.post(address(license_request), values())
    )
    assert Order.objects.filter(assigned_to=hub).count() == 1


def test_a_form_sent_twice_forwards_once(site, license_request, hub):
    typed = values()
    for _time in range(2):
        assert site.post(address(license_request), typed).status_code == 302
    assert Order.objects.filter(assigned_to=hub).count() == 1


def test_bad_input_is_shown_next_to_its_field(site, license_request, hub):
    response = site.post(address(license_request), values(purchase_order="x" * 65))
    assert "at most 64" in field_errors(response)["purchase_order"]
    assert text(parsed(response).cssselect("#id_requester_comments")[0]) == "For a school"
    assert not Order.objects.filter(assigned_to=hub).exists()


def test_only_for_the_addressee(sign_in, site, license_request, admin, foreign_admin, hub_admin):
    for who in (admin, foreign_admin):
        assert sign_in(who).post(address(license_request), values()).status_code == 403
    own = factories.license_request(membership=hub_admin)
    assert site.get(address(own)).status_code == 403
    assert site.get(address(factories.license_request())).status_code == 404
    assert site.put(address(license_request)).status_code == 405


def withdraw_links(response, order):
    return parsed(response).cssselect(f'a[href^="/inventory/{order.number}/withdraw/"]')


def test_reviewing_meanwhile_says_before_and_after_that_our_own_request_is_pending(
    site, license_request, hub, hub_admin
):
    mix = list(license_request.products.all())
    parent = factories.order(assigned_to=hub, product_mix=mix, finish_date=factories.days(500))
    own = forward_request(request=license_request, by=hub_admin.user)
    review = f"/inventory/{license_request.number}/decide/"
    edit = f"/inventory/{own.number}/edit/"

    window = site.get(review)
    warned = "It stays pending with CCI Learning until you withdraw it:"
    assert warned in page_text(window)
    assert withdraw_links(window, own)
    behind = f"the request from Tolano Adventures (order {license_request.number})"
    filled = facts(site.get(edit))["Requested to Fill"]
    assert filled == f"{behind}, pending your review"

    site.post(
        review,
        {
            "decision": "approve",
            "parent": parent.pk,
            "students": "30",
            "start_date": str(factories.today()),
            "finish_date": str(factories.days(100)),
            "products": [product.pk for product in mix],
        },
    )

    message = (
        f"Your own request to fill it, order {own.number}, is still pending with CCI Learning. "
        "Withdraw it if you no longer need it."
    )
    assert message in notifications(site.get("/inventory/"))
    assert facts(site.get(edit))["Requested to Fill"].startswith(f"{behind}: approved on ")


def test_once_our_own_request_was_answered_it_is_not_called_pending(
    site, license_request, hub_admin, staff
):
    own = forward_request(request=license_request, by=hub_admin.user)
    reject_request(request=own, by=staff, comments="No")
    review = f"/inventory/{license_request.number}/decide/"
    assert not withdraw_links(site.get(review), own)
    site.post(review, {"decision": "reject", "approval_comments": "No"})
    assert len(notifications(site.get("/inventory/"))) == 1


def test_the_first_request_is_named_to_no_one_further(
    sign_in, license_request, hub, hub_admin, center, staff
):
    own = forward_request(request=license_request, by=hub_admin.user)
    edit = f"/inventory/{own.number}/edit/"
    above = factories.member(factories.vendor())
    assert "Requested to Fill" not in facts(sign_in(above).get(edit))
    reject_request(request=license_request, by=staff, comments="No")
    assert "Requested to Fill" in facts(sign_in(hub_admin).get(edit))
    elsewhere = factories.organization(level=Level.HUB)
    names = {"name": center.name, "level": center.level, "parent": elsewhere}
    edit_organization(organization=center, by=staff, **names)
    assert "Requested to Fill" not in facts(sign_in(hub_admin).get(edit))


def test_of_a_renewal_it_says_so_too(site, admin, center, hub_admin):
    order = factories.order(assigned_to=center, finish_date=factories.days(20))
    renewal = factories.renewal_request(order, membership=admin)
    own = forward_request(request=renewal, by=hub_admin.user)
    review = f"/inventory/{order.number}/renewal/decide/"
    assert withdraw_links(site.get(review), own)
    site.post(review, {"decision": "reject", "approval_comments": "No"})
    assert any("is still pending" in message for message in notifications(site.get("/inventory/")))
    filled = facts(site.get(f"/inventory/{own.number}/edit/"))["Requested to Fill"]
    assert f"(order {order.number}): rejected on" in filled
