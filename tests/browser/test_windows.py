"""Windows on a laptop's screen: they say what they are about, and their buttons are in view."""

import pytest
from playwright.sync_api import expect

from activation_codes.selections import encoded
from activation_codes.services.handouts import hand_out
from licenses.services.enrollments import pause_joining
from licenses.services.suspensions import suspend_order
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)
# What a browser leaves of a screen of 768 pixels.
LAPTOP = {"width": 1366, "height": 602}
OF_CENTER = [
    ("edit/", "Save"),
    ("teacher-code/", "Send Teacher Code"),
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


def test_windows_of_an_unlimited_license(open_site, admin, center):
    order = factories.order(assigned_to=center, students=None)
    page = open_site(admin)
    page.set_viewport_size(LAPTOP)
    shows(page, f"/inventory/{order.number}/alerts/", "Save", str(order.number), "Available")
    pause_joining(order=order, by=admin.user)
    shows(page, f"/inventory/{order.number}/unpause/", "Resume Enrollment", str(order.number))


def test_windows_of_codes(open_site, admin, center):
    order = factories.order(
        factories.CODES, assigned_to=center, number_of_codes=40, users_per_code=1
    )
    codes = [code.pk for code in factories.codes(order)]
    hand_out(order=order, codes=codes[:30], name="Class 7b", by=admin.user)
    handed, free = encoded(codes[:30]), encoded(codes[30:])
    page = open_site(admin)
    page.set_viewport_size(LAPTOP)
    for window, button in [
        ("", "Save"),
        (f"hand-out/?selected={free}", "Hand Out 10 Codes"),
        (f"copy/?selected={handed}", "Close"),
        (f"return/?selected={handed}", "Undo Hand Out"),
        (f"replace/?selected={handed}", "Replace 30 Codes"),
    ]:
        shows(page, f"/inventory/{order.number}/codes/{window}", button, str(order.number))
    replace = f"/inventory/codes/{codes[-1]}/replace/"
    shows(page, replace, "Replace Code", str(order.number), "Available")


def test_windows_of_requests(open_site, hub_admin, admin, order, mix):
    """With a supplier above the one that reviews, to which it can forward."""
    requested = factories.license_request(membership=admin, product_mix=mix)
    factories.renewal_request(order=order, membership=admin)
    page = open_site(admin)
    page.set_viewport_size(LAPTOP)
    of_center = [
        (requested, "withdraw/", "Withdraw Request"),
        (order, "renew/withdraw/", "Withdraw Renewal Request"),
    ]
    for asked, window, button in of_center:
        shows(page, f"/inventory/{asked.number}/{window}", button, str(asked.number))
    page = open_site(hub_admin)
    page.set_viewport_size(LAPTOP)
    of_supplier = [
        (order, "renewal/decide/", "Approve"),
        (requested, "pass-on/", "Forward Request"),
        (order, "renewal/pass-on/", "Forward Request"),
    ]
    for asked, window, button in of_supplier:
        shows(page, f"/inventory/{asked.number}/{window}", button, str(asked.number))


def test_a_suspended_license_can_be_resumed_without_scrolling(open_site, hub_admin, order):
    suspend_order(order=order, by=hub_admin.user, reason="Unpaid")
    page = open_site(hub_admin)
    page.set_viewport_size(LAPTOP)
    window = f"/inventory/{order.number}/resume/"
    shows(page, window, "Resume License", str(order.number), "PO-77", "Suspended")


def test_what_explains_names_the_order(open_site, admin, order):
    page = open_site(admin)
    page.set_viewport_size(LAPTOP)
    shows(page, f"/inventory/{order.number}/why/", "Close", str(order.number), "PO-77")
