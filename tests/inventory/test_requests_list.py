"""The Requests page, and pending requests on the Panel and the inventory page."""

from datetime import timedelta

import pytest

from jasper_inventory.accounts.models import Level
from jasper_inventory.support.organization_moves import edit_organization
from licenses.models import Order
from licenses.services.requests import (
    forward_request,
    reject_request,
    request_order,
    withdraw_request,
)
from renewals.models import RenewalRequest
from renewals.services import offered_dates, request_renewal
from tests import factories
from tests.pages import page_text, parsed, rows, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def site(sign_in, hub_admin):
    return sign_in(hub_admin)


@pytest.fixture
def license_request(admin, hub_admin):
    return factories.license_request(membership=admin, purchase_order="PO-7")


@pytest.fixture
def renewal(admin, center, license_request):
    return factories.renewal_request(factories.order(assigned_to=center), membership=admin)


def kinds(response):
    return [row["Request"] for row in rows(response)]


def links(response, selector):
    return [link.get("href") for link in parsed(response).cssselect(selector)]


def test_both_kinds_are_listed_oldest_first_each_with_its_window(
    site, license_request, renewal, admin
):
    response = site.get("/requests/")
    first, second = rows(response)
    assert first["Request"] == f"New license {license_request.number}"
    assert first["Requested By"] == f"Tolano Adventures {admin.user}"
    assert (first["Students"], first["Purchase Order"]) == ("30", "PO-7")
    assert first["Status"].startswith("Pending review by Harbour Hub since")
    assert second["Request"] == f"Renewal of order {renewal.order.number}"
    assert links(response, ".options a") == [
        f"/inventory/{license_request.number}/decide/?next=/requests/%23order-{license_request.number}",
        f"/inventory/{renewal.order.number}/renewal/decide/?next=/requests/%23order-{renewal.order.number}",
    ]
    RenewalRequest.objects.update(requested_at=license_request.requested_at - timedelta(days=1))
    assert kinds(site.get("/requests/"))[1] == f"New license {license_request.number}"


def test_reviewed_requests_are_no_longer_pending(site, license_request, hub_admin):
    reject_request(request=license_request, by=hub_admin.user, comments="No")
    assert "No requests to review." in page_text(site.get("/requests/"))


def test_our_own_are_listed_apart(site, sign_in, license_request, renewal, hub_admin, admin):
    own = factories.license_request(membership=hub_admin)
    assert kinds(site.get("/requests/?of=ours")) == [f"New license {own.number}"]
    response = sign_in(admin).get("/requests/")
    assert len(kinds(response)) == 2
    assert links(response, ".options a") == [
        f"/inventory/{license_request.number}/edit/?next=/requests/%23order-{license_request.number}",
        f"/inventory/{license_request.number}/withdraw/?next=/requests/%23order-{license_request.number}",
        f"/inventory/{renewal.order.number}/edit/?next=/requests/%23order-{renewal.order.number}",
        f"/inventory/{renewal.order.number}/renew/withdraw/?next=/requests/%23order-{renewal.order.number}",
    ]
    withdraw_request(request=own, by=hub_admin.user)
    shown = page_text(site.get("/requests/?of=ours"))
    assert "None of your organization's requests are pending." in shown


def test_a_request_by_proxy_is_the_suppliers_too_until_the_holder_is_moved(
    site, sign_in, hub, admin, hub_admin, center, staff
):
    """By proxy: both sides find it, and both may withdraw it."""
    by_us = {"requested_by_organization": hub, "by": hub_admin.user}
    license_request = request_order(
        organization=center,
        inventory_type="center",
        products=factories.products(),
        students=5,
        **by_us,
    )
    held = factories.order(assigned_to=center)
    start, finish = offered_dates(held)
    request_renewal(
        order=held, code_choice="new", start_date=start, finish_date=finish, students=5, **by_us
    )
    both = [f"New license {license_request.number}", f"Renewal of order {held.number}"]
    for client in (site, sign_in(admin)):
        assert kinds(client.get("/requests/?of=ours")) == both
        assert text(parsed(client.get("/")).cssselect(".counts strong")[2]) == "2"
    back = f"/requests/%3Fof%3Dours%23order-{license_request.number}"
    assert f"/inventory/{license_request.number}/withdraw/?next={back}" in links(
        site.get("/requests/?of=ours"), ".options a"
    )
    elsewhere = factories.organization(level=Level.HUB)
    names = {"name": center.name, "level": center.level}
    edit_organization(organization=center, parent=elsewhere, by=staff, **names)
    assert kinds(site.get("/requests/?of=ours")) == []
    assert text(parsed(site.get("/")).cssselect(".counts strong")[2]) == "0"


def test_no_other_requests_are_listed(sign_in, license_request, renewal):
    sibling = factories.member(factories.organization(level=Level.HUB))
    center = factories.member(factories.organization(parent=sibling.organization))
    for who in (sibling, center):
        for page in ("/requests/", "/requests/?of=ours"):
            assert rows(sign_in(who).get(page)) == []


def test_an_organization_above_the_supplier_reviews_only_its_own_requests(sign_in):
    reseller = factories.member(factories.organization(level=Level.RESELLER))
    hub = factories.organization(level=Level.HUB, parent=reseller.organization)
    factories.license_request(membership=factories.member(factories.organization(parent=hub)))
    assert rows(sign_in(reseller).get("/requests/")) == []
    shown = parsed(sign_in(reseller).get("/inventory/"))
    assert not shown.cssselect(".to-review")
    assert "Review" not in text(shown)


def test_the_panel_counts_and_links_pending_requests(
    site, sign_in, license_request, renewal, hub_admin, admin
):
    own = factories.license_request(membership=hub_admin)
    boxes = parsed(site.get("/")).cssselect(".counts a")
    assert [text(box) for box in boxes[2:]] == [
        "1 pending inventory requests",
        "2 requests to review",
    ]
    assert kinds(site.get(boxes[2].get("href"))) == [f"New license {own.number}"]
    assert len(kinds(site.get(boxes[3].get("href")))) == 2
    center = sign_in(admin)
    boxes = parsed(center.get("/")).cssselect(".counts a")
    assert len(boxes) == 3
    assert len(kinds(center.get(boxes[2].get("href")))) == 2


def test_the_inventory_page_links_them_in_one_line(site, sign_in, license_request, renewal, admin):
    response = site.get("/inventory/")
    (link,) = parsed(response).cssselect(".to-review")
    assert text(link) == "2 requests to review"
    assert len(kinds(site.get(link.get("href")))) == 2
    options = {row["Order Number"]: row["Options"] for row in rows(response)}
    assert "Review request" in options[str(license_request.number)]
    assert "Review the renewal" in options[str(renewal.order.number)]
    center = parsed(sign_in(admin).get("/inventory/"))
    assert not center.cssselect(".to-review") and "Review" not in text(center)


def test_pages(site, sign_in, admin, hub_admin):
    mix = factories.products()
    made = [factories.license_request(membership=admin, product_mix=mix) for _at in range(27)]
    assert len(kinds(site.get("/requests/"))) == 25
    assert kinds(site.get("/requests/?page=2")) == [
        f"New license {order.number}" for order in made[25:]
    ]


def test_the_same_number_of_queries_for_many(
    site, license_request, renewal, admin, hub_admin, center, staff, django_assert_max_num_queries
):
    mix = factories.products()
    forwarded = factories.license_request(membership=admin, product_mix=mix)
    forward_request(request=forwarded, by=hub_admin.user)
    site.get("/requests/")
    with django_assert_max_num_queries(12) as few:
        site.get("/requests/")
    with django_assert_max_num_queries(14) as inventory:
        site.get("/inventory/")
    for _at in range(8):
        order = factories.license_request(membership=admin, product_mix=mix)
        forward_request(request=order, by=hub_admin.user)
        factories.renewal_request(
            factories.order(assigned_to=center, product_mix=mix, by=staff), membership=admin
        )
    assert Order.objects.pending().count() > 15
    with django_assert_max_num_queries(len(few)):
        site.get("/requests/")
    # Orders are counted if there is more than one page of them.
    with django_assert_max_num_queries(len(inventory) + 1):
        site.get("/inventory/")
