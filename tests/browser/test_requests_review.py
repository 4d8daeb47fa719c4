"""A hub reviews requests: each window walked with and without JavaScript, axe on all of them."""

import pytest
from playwright.sync_api import expect

from licenses.models import Order, Outcome
from licenses.services.requests import forward_request
from tests import factories
from tests.browser.screens import choose, window
from tests.renewals.acts import students

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def parent(hub, mix):
    return factories.order(assigned_to=hub, product_mix=mix, finish_date=factories.days(500))


@pytest.fixture
def license_request(admin, hub_admin, mix):
    return factories.license_request(membership=admin, product_mix=mix, comments="Two classes")


@pytest.fixture
def renewal(admin, center, mix):
    old = factories.order(assigned_to=center, product_mix=mix, students=20)
    students(old, 3)
    return factories.renewal_request(old, membership=admin, code_choice="existing", students=2)


def test_approving_with_changes(open_site, hub_admin, admin, license_request, parent, mix, js):
    page = open_site(hub_admin, js=js)
    page.goto("/")
    page.get_by_role("link", name="1 request to review").click()
    page.get_by_role("link", name=f"Review request {license_request.number}").click()
    review = window(page, js)
    expect(review).to_contain_text("Two classes")
    expect(review.get_by_text("Approved as requested.")).to_be_visible()
    review.get_by_label("Students").fill("130")
    review.get_by_role("button", name="Preview Approval").click()
    review = window(page, js)
    expect(review).to_contain_text("has only 100 left; this needs 130")
    expect(review).to_contain_text("30 too few")
    review.get_by_label("Students").fill("20")
    review.get_by_label(mix[0].name, exact=True).uncheck()
    review.get_by_role("button", name="Preview Approval").click()
    expect(review.get_by_text("Students: 20 instead of 30")).to_be_visible()
    expect(review.get_by_label(mix[0].name, exact=True)).not_to_be_checked()
    assert Order.objects.get(pk=license_request.pk).is_pending

    review.get_by_label("Approval Comments").fill("More next term")
    review.get_by_role("button", name="Approve").click()
    expect(page.get_by_role("status")).to_contain_text(
        "The request from Tolano Adventures was approved"
    )
    license_request.refresh_from_db()
    assert (license_request.students, license_request.products.count(), license_request.parent) == (
        20,
        2,
        parent,
    )

    center = open_site(admin, js=js)
    center.goto("/inventory/")
    center.get_by_role("link", name=f"Edit order {license_request.number}").click()
    expect(window(center, js)).to_contain_text(f"{mix[0]} was removed")


def test_rejecting(open_site, hub_admin, license_request, parent, js):
    page = open_site(hub_admin, js=js)
    page.goto("/inventory/")
    page.get_by_role("link", name="1 request to review").click()
    page.get_by_role("link", name="Review request").click()
    window(page, js).get_by_role("button", name="Reject").click()
    review = window(page, js)
    expect(review.get_by_role("alert")).to_contain_text(
        "Enter the reason for rejecting the request."
    )
    review.get_by_label("Approval Comments").fill("Nothing left")
    review.get_by_role("button", name="Reject").click()
    expect(page.get_by_role("status")).to_contain_text("was rejected")
    license_request.refresh_from_db()
    assert license_request.outcome == Outcome.REJECTED


def test_forwarding(open_site, hub_admin, admin, license_request, hub, js):
    page = open_site(hub_admin, js=js)
    page.goto("/requests/")
    page.get_by_role("link", name=f"Review request {license_request.number}").click()
    expect(window(page, js)).to_contain_text("You have no order of this type in force.")
    window(page, js).get_by_role("link", name="Forward to CCI Learning").click()
    form = window(page, js)
    expect(form).to_contain_text("You are requesting a new license from CCI Learning")
    form.get_by_label("Requester Comments").fill("For a school of ours")
    form.get_by_role("button", name="Forward Request").click()
    expect(page.get_by_role("status")).to_contain_text("was forwarded to CCI Learning as order")
    assert Order.objects.get(assigned_to=hub).requester_comments == "For a school of ours"
    expect(page.get_by_role("row", name=f"New license {license_request.number}")).to_contain_text(
        "Harbour Hub forwarded it to CCI Learning"
    )

    center = open_site(admin, js=js)
    center.goto("/inventory/")
    choose(center, f"Withdraw request {license_request.number}")
    expect(window(center, js)).to_contain_text("Harbour Hub forwarded it to CCI Learning")


def test_a_renewal_with_a_shortage(open_site, hub_admin, renewal, parent, js):
    page = open_site(hub_admin, js=js)
    page.goto("/requests/")
    link = f"Review the renewal request of order {renewal.order.number}"
    page.get_by_role("link", name=link).click()
    review = window(page, js)
    shortage = "3 students keep their seats, but there is room for only 2: 1 too few."
    expect(review).to_contain_text(shortage)
    review.get_by_label("Students").fill("3")
    review.get_by_role("button", name="Approve").click()
    expect(page.get_by_role("status")).to_contain_text("was approved")
    renewal.refresh_from_db()
    assert renewal.new_order.enrolled == 3


def test_axe_finds_nothing(
    open_site, hub_admin, admin, license_request, renewal, parent, axe_anywhere
):
    own = factories.license_request(membership=hub_admin)
    forwarded = factories.license_request(membership=admin)
    forward_request(request=forwarded, by=hub_admin.user)
    page = open_site(hub_admin)
    for address in (
        "/",
        "/inventory/",
        "/requests/",
        "/requests/?of=ours",
        f"/inventory/{license_request.number}/decide/",
        f"/inventory/{forwarded.number}/decide/",
        f"/inventory/{renewal.order.number}/renewal/decide/",
        f"/inventory/{license_request.number}/pass-on/",
        f"/inventory/{forwarded.number}/pass-on/",
        f"/inventory/{own.number}/edit/",
    ):
        page.goto(address)
        axe_anywhere(page)
    page.goto("/requests/")
    page.get_by_role("link", name=f"Review request {license_request.number}").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Students").fill("x")
    dialog.get_by_role("button", name="Preview Approval").click()
    expect(dialog.get_by_role("alert")).to_contain_text("Enter a whole number, such as 1,000.")
    axe_anywhere(page)
