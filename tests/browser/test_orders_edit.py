"""A hub edits orders it assigned and requests for its center; axe on every window and state."""

import pytest
from playwright.sync_api import expect

from licenses.models import Order
from licenses.services.order_edits import edit_order
from renewals.models import RenewalRequest
from tests import factories
from tests.browser.screens import choose, tab, window

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def parent(hub):
    return factories.order(assigned_to=hub, product_mix=factories.products(3))


@pytest.fixture
def child(parent, center, admin, hub_admin):
    return factories.order(
        assigned_to=center,
        parent=parent,
        by=hub_admin.user,
        product_mix=parent.products.all(),
        students=40,
        purchase_order="PO-7",
        comments="For the summer",
    )


def test_editing_within_the_parent_order(open_site, hub_admin, admin, parent, child, js):
    page = open_site(hub_admin, js=js)
    page.goto("/inventory/")
    page.get_by_role("link", name=f"Edit order {child.number}").click()
    edit = window(page, js)
    expect(edit).to_contain_text("60 of 100 seats")
    edit.get_by_label("Students").fill("101")
    edit.get_by_label("Reason").fill("One class more")
    edit.get_by_role("button", name="Save").click()

    edit = window(page, js)
    expect(edit.get_by_role("alert")).to_contain_text("has only 60 left; this needs 61")
    with page.expect_popup() as opened:
        edit.get_by_role("alert").get_by_role("link", name=f"Order {parent.number}").click()
    expect(opened.value.get_by_role("heading", name="Edit Order")).to_be_visible()
    expect(edit.get_by_label("Reason")).to_have_value("One class more")
    edit.get_by_label("Students").fill("60")
    tab(edit, js, "Products Information").click()
    edit.get_by_label(parent.products.first().name, exact=True).uncheck()
    edit.get_by_role("button", name="Save").click()

    expect(page.get_by_role("status")).to_have_text(f"Order {child.number} was saved.")
    child.refresh_from_db()
    assert (child.students, child.products.count()) == (60, 2)

    holder = open_site(admin, js=js)
    holder.goto(f"/inventory/{child.number}/edit/")
    tab(holder.get_by_role("main"), js, "History").click()
    expect(holder.locator("#panel-history")).to_contain_text("One class more")
    expect(holder.locator("#panel-history")).to_contain_text("Products removed")


def test_someone_else_changed_it_meanwhile(open_site, hub_admin, child, staff, js):
    page = open_site(hub_admin, js=js)
    page.goto("/inventory/")
    page.get_by_role("link", name=f"Edit order {child.number}").click()
    edit = window(page, js)
    edit.get_by_label("Students").fill("50")
    edit_order(order=child, by=staff, students=45, purchase_order="PO-8")
    edit.get_by_role("button", name="Save").click()

    expect(window(page, js).get_by_role("alert")).to_contain_text("has changed this to 45")
    expect(window(page, js).get_by_label("Students")).to_have_value("50")
    window(page, js).get_by_role("button", name="Save").click()

    expect(page.get_by_role("status")).to_contain_text("was saved")
    child.refresh_from_db()
    assert (child.students, child.purchase_order) == (50, "PO-8")


def test_from_the_window_to_another_one(open_site, hub_admin, child, js):
    page = open_site(hub_admin, js=js)
    page.goto("/inventory/")
    page.get_by_role("link", name=f"Edit order {child.number}").click()
    window(page, js).get_by_role("link", name="Reclaim").click()
    expect(page.get_by_role("heading", name="Reclaim Seats")).to_be_visible()
    window(page, js).get_by_label("Students").fill("5")
    window(page, js).get_by_label("Reason").fill("Unused")
    window(page, js).get_by_role("button", name="Reclaim").click()
    expect(page.get_by_role("status")).to_contain_text("5 seats were reclaimed")


def test_requesting_for_a_sub_organization(open_site, hub_admin, hub, center, child, js):
    page = open_site(hub_admin, js=js)
    page.goto("/inventory/")
    page.get_by_role("link", name="Request New License").click()
    request = window(page, js)
    request.get_by_label("Center License").check()
    request.get_by_label("Students", exact=False).first.fill("12")
    request.locator("#id_for").fill("Tolano Adventures")
    request.get_by_role("button", name="Choose").click()
    expect(page.get_by_text("You are requesting this for Tolano Adventures")).to_be_visible()
    request = window(page, js)
    expect(request.get_by_label("Center License")).to_be_checked()
    tab(request, js, "Products Information").click()
    request.get_by_label(child.products.first().name, exact=True).check()
    request.get_by_role("button", name="Request New License").click()
    expect(page.get_by_role("status")).to_contain_text(
        "The request for Tolano Adventures was successfully submitted."
    )
    license_request = Order.objects.pending().get()
    assert (license_request.assigned_to, license_request.requested_by_organization) == (center, hub)

    choose(page, f"Renew order {child.number}")
    renew = window(page, js)
    expect(renew).to_contain_text("You are requesting this for Tolano Adventures")
    renew.get_by_role("button", name="Request License Renewal").click()
    expect(page.get_by_role("status")).to_contain_text("The renewal request was successfully")
    assert RenewalRequest.objects.get().requested_by_organization == hub


def test_axe_finds_nothing(open_site, hub_admin, center, child, axe_anywhere):
    page = open_site(hub_admin)
    edit_order(order=child, by=hub_admin.user, students=41, reason="Once more")
    for address in ("/inventory/request/", f"/inventory/request/?for={center.pk}"):
        page.goto(address)
        axe_anywhere(page)
    page.goto(f"/inventory/{child.number}/renew/")
    axe_anywhere(page)
    page.goto("/inventory/")
    page.get_by_role("link", name=f"Edit order {child.number}").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    axe_anywhere(page)
    dialog.get_by_label("Students").fill("200")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_role("alert")).to_be_visible()
    axe_anywhere(page)
    dialog.get_by_role("tab", name="History").click()
    axe_anywhere(page)


def test_a_day_chosen_in_the_calendar_fills_the_text_field(open_site, hub_admin, child):
    page = open_site(hub_admin)
    # The browser's own calendar is no part of the page: the dates it should show are noted.
    page.add_init_script(
        "HTMLInputElement.prototype.showPicker = function () { window.shown = this.value }"
    )
    page.goto(f"/inventory/{child.number}/edit/")
    field = page.locator("input[name=finish_date]")
    field.fill("2030-02-28")
    button = page.get_by_role("button", name="Finish Date").first
    button.click()
    assert page.evaluate("window.shown") == "2030-02-28"

    calendar = field.locator("xpath=..").locator("input[type=date]")
    calendar.evaluate(
        "(each) => { each.value = '2030-03-31'; each.dispatchEvent(new Event('change')) }"
    )

    expect(field).to_have_value("2030-03-31")
    expect(button).to_be_focused()
    # A calendar that is closed, or emptied, keeps the typed text.
    calendar.evaluate("(each) => { each.value = ''; each.dispatchEvent(new Event('change')) }")
    expect(field).to_have_value("2030-03-31")
    # Text that can't be read as a day opens it at no day.
    field.fill("soon")
    button.click()
    assert page.evaluate("window.shown") == ""
