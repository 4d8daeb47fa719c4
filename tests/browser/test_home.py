"""The Panel as a home page, the search box of the menu bar, and keyboard shortcuts."""

import re

import pytest
from playwright.sync_api import expect

from jasper_inventory.accounts.models import Level
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def orders(center, hub):
    factories.order(assigned_to=hub, students=40)
    return [
        factories.order(assigned_to=center, finish_date=factories.days(20), purchase_order="Fall"),
        factories.order(factories.CODES, assigned_to=center),
    ]


def test_what_needs_attention_leads_to_its_orders(open_site, hub_admin, orders, axe_anywhere, js):
    page = open_site(hub_admin, js=js)
    page.goto("/")
    if not js:
        page.get_by_role("link", name="See what needs attention").click()
    expect(page.get_by_role("heading", name="Needs Attention")).to_be_visible()
    expect(page.get_by_role("img", name="Orders that end in each")).to_be_visible()
    if js:
        axe_anywhere(page)
    page.get_by_role("link", name="1 within 30 days").click()
    expect(page.get_by_role("rowheader")).to_have_text([str(orders[0].number)])


def test_the_search_box_finds_an_order(open_site, admin, orders, axe_anywhere, js):
    page = open_site(admin, js=js)
    page.goto("/")
    box = page.get_by_role("searchbox", name="Search everything")
    box.fill("fall")
    box.press("Enter")
    expect(page.get_by_role("heading", name="Orders")).to_be_visible()
    assert "fall" not in page.url
    if js:
        axe_anywhere(page)
    page.get_by_role("link", name=f"Order {orders[0].number}").click()
    expect(page.get_by_role("heading", name="Edit Order")).to_be_visible()


def test_shortcuts_work_unless_one_types_or_turned_them_off(open_site, admin, orders, axe):
    page = open_site(admin)
    page.goto("/")
    page.keyboard.press("/")
    box = page.get_by_role("searchbox", name="Search everything")
    expect(box).to_be_focused()
    page.keyboard.type("g?/")
    expect(box).to_have_value("g?/")
    box.blur()
    page.keyboard.press("?")
    window = page.get_by_role("dialog", name="Keyboard Shortcuts")
    expect(window).to_be_visible()
    axe(page)
    window.get_by_role("button", name="Turn Off Shortcuts").click()
    expect(page.locator(".notification")).to_contain_text("Keyboard shortcuts are off.")
    page.keyboard.press("/")
    expect(box).not_to_be_focused()
    page.get_by_role("link", name="Keyboard Shortcuts").click()
    window.get_by_role("button", name="Turn On Shortcuts").click()
    expect(page.locator(".notification")).to_contain_text("Keyboard shortcuts are on.")
    page.keyboard.press("g")
    page.keyboard.press("i")
    expect(page).to_have_title("Licenses – License Inventory")


def test_an_organization_opens_in_place_with_its_address(open_site, orders, js, axe_anywhere):
    distributor = factories.organization(level=Level.DISTRIBUTOR)
    hub = factories.organization("Island", level=Level.HUB, parent=distributor)
    center = factories.organization("Cove", parent=hub)
    factories.order(assigned_to=center, students=10)
    page = open_site(factories.member(distributor), js=js)
    page.goto("/inventory/where/")
    page.get_by_role("button", name="Open Island").click()
    expect(page.get_by_role("link", name="Cove", exact=True)).to_be_visible()
    if js:
        expect(page.get_by_role("button", name="Close Island")).to_be_focused()
    expect(page).to_have_url(re.compile(rf"\?open={hub.pk}$"))
    if js:
        axe_anywhere(page)
    page.reload()
    expect(page.get_by_role("link", name="Cove", exact=True)).to_be_visible()


def test_after_an_action_one_is_back_at_the_row(open_site, admin, orders, js):
    page = open_site(admin, js=js)
    page.goto("/inventory/?sort=number")
    row = page.get_by_role("row").filter(has_text=str(orders[0].number))
    row.get_by_role("link", name="Edit").click()
    page.get_by_label("Active License").uncheck()
    page.get_by_role("button", name="Save").click()
    expect(page.locator("main .notification")).to_be_visible()
    expect(page).to_have_url(re.compile(rf"/inventory/\?sort=number#order-{orders[0].number}$"))
    assert page.evaluate("document.querySelector('tr:target').id") == f"order-{orders[0].number}"
