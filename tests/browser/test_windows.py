"""Windows on a laptop's screen: they say what they are about, and their buttons are in view."""

import pytest
from playwright.sync_api import expect

from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)
# What a browser leaves of a screen of 768 pixels.
LAPTOP = {"width": 1366, "height": 602}
OF_CENTER = [
    ("edit/", "Save"),
    ("renew/", "Request License Renewal"),
    ("usage/", "Pause Enrollment"),
    ("pause/", "Pause Enrollment"),
    ("replace-code/", "Replace Teacher Code"),
]
OF_SUPPLIER = [
    ("edit/", "Save"),
    ("take-back/", "Reclaim Seats"),
    ("suspend/", "Suspend License"),
]


@pytest.fixture
def parent(hub, mix):
    return factories.order(assigned_to=hub, product_mix=mix, finish_date=factories.days(500))


@pytest.fixture
def order(center, parent, hub_admin, mix):
    return factories.order(
        assigned_to=center,
        by=hub_admin.user,
        parent=parent,
        product_mix=mix,
        purchase_order="PO-77",
        students=20,
    )


def shows(page, address, button, *about):
    """The window names what it is about, and its button is in view without scrolling."""
    page.goto(address)
    expect(page.locator(".window-actions").get_by_text(button, exact=True)).to_be_in_viewport(
        ratio=1
    )
    for words in about:
        expect(page.locator(".window-about")).to_contain_text(words)


def test_windows_of_a_center(open_site, admin, order):
    page = open_site(admin)
    page.set_viewport_size(LAPTOP)
    for window, button in OF_CENTER:
        about = (str(order.number), "PO-77", str(order.products.first().family), "Available")
        shows(page, f"/inventory/{order.number}/{window}", button, *about)


def test_windows_of_a_supplier(open_site, hub_admin, order, parent):
    page = open_site(hub_admin)
    page.set_viewport_size(LAPTOP)
    for window, button in OF_SUPPLIER:
        about = (str(order.number), "PO-77", "Available")
        shows(page, f"/inventory/{order.number}/{window}", button, *about)
    assign = f"/inventory/{parent.number}/assign/"
    shows(page, assign, "Assign License", str(parent.number))


def test_a_review_keeps_rejecting_away_from_approving(open_site, hub_admin, admin, parent, mix):
    requested = factories.license_request(membership=admin, product_mix=mix)
    page = open_site(hub_admin)
    page.set_viewport_size(LAPTOP)
    shows(
        page,
        f"/inventory/{requested.number}/decide/",
        "Approve",
        str(requested.number),
        "Requested",
    )
    expect(page.get_by_role("button", name="Reject")).to_be_in_viewport(ratio=1)
    reject, approve = (
        page.get_by_role("button", name=name, exact=True).bounding_box()
        for name in ("Reject", "Approve")
    )
    assert approve["x"] - (reject["x"] + reject["width"]) > 200
