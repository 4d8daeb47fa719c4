"""A hub assigns licenses: each window walked with and without JavaScript, axe on all of them."""

import re

import openpyxl
import pytest
from playwright.sync_api import expect

from licenses.models import Order, Transfer
from tests import factories
from tests.browser.screens import ALL_WIDTHS, choose, each_width, fits, tab, window

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def parent(hub, center):
    return factories.order(assigned_to=hub, product_mix=factories.products(3))


@pytest.fixture
def codes(hub):
    return factories.order(factories.CODES, assigned_to=hub, number_of_codes=10)


@pytest.fixture
def child(parent, center, hub_admin):
    return factories.order(
        assigned_to=center,
        parent=parent,
        by=hub_admin.user,
        product_mix=parent.products.all(),
        students=40,
        purchase_order="PO-7",
        comments="For the summer",
    )


def test_assigning_a_license(open_site, hub_admin, parent, center, js):
    page = open_site(hub_admin, js=js)
    page.goto("/inventory/")
    choose(page, f"Assign from order {parent.number}")
    assign = window(page, js)
    expect(assign).to_contain_text("100 of 100 seats")
    assign.get_by_label("Assigned To").fill("tolano")
    assign.get_by_label("Students").fill("140")
    assign.get_by_label("Comments").fill("For the summer")
    assign.get_by_role("button", name="Assign License").click()

    assign = window(page, js)
    expect(assign.get_by_role("alert")).to_contain_text("has only 100 left; this needs 140")
    expect(assign.get_by_label("Comments")).to_have_value("For the summer")
    assign.get_by_label("Students").fill("40")
    tab(assign, js, "Products Information").click()
    assign.get_by_label(parent.products.first().name, exact=True).uncheck()
    assign.get_by_role("button", name="Assign License").click()

    expect(page.get_by_role("status")).to_contain_text("was assigned to Tolano Adventures.")
    child = Order.objects.get(parent=parent)
    assert (child.students, child.products.count()) == (40, 2)
    expect(page.get_by_role("row", name=str(child.number))).to_contain_text("Tolano Adventures")


def test_reclaiming_suspending_and_resuming(open_site, hub_admin, child, js):
    page = open_site(hub_admin, js=js)
    page.goto("/inventory/")
    choose(page, f"Reclaim from order {child.number}")
    back = window(page, js)
    expect(back).to_contain_text("40 of 40 seats")
    back.get_by_label("Students").fill("15")
    back.get_by_label("Reason").fill("They have too many")
    back.get_by_role("button", name="Reclaim Seats").click()
    expect(page.get_by_role("status")).to_contain_text(
        f"15 seats were reclaimed from order {child.number}"
    )

    choose(page, f"Suspend order {child.number}")
    window(page, js).get_by_label("Reason").fill("Unpaid")
    window(page, js).get_by_role("button", name="Suspend License").click()
    expect(page.get_by_role("status")).to_contain_text(f"Order {child.number} of")
    expect(page.get_by_role("status")).to_contain_text("is suspended.")

    choose(page, f"Resume order {child.number}")
    expect(window(page, js)).to_contain_text("Unpaid")
    window(page, js).get_by_role("button", name="Resume License").click()
    expect(page.get_by_role("status")).to_contain_text("was resumed")
    child.refresh_from_db()
    assert (child.students, child.suspended_at) == (25, None)


def test_the_transfers_page_and_tab(open_site, hub_admin, child, tmp_path, js):
    page = open_site(hub_admin, js=js)
    page.goto("/")
    page.get_by_role("link", name="Transfers").click()
    page.get_by_label(re.compile(r"^\s*Organization")).fill("Tolano Adventures")
    page.get_by_role("group", name="Kind").get_by_label("Allocated").check()
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("row")).to_have_count(2)
    with page.expect_download() as started:
        page.get_by_text("Export", exact=True).click()
        page.get_by_role("link", name="Excel (.xlsx)").click()
    started.value.save_as(tmp_path / "transfers.xlsx")
    sheet = list(openpyxl.load_workbook(tmp_path / "transfers.xlsx").active.values)
    assert len(sheet) == 1 + Transfer.objects.count()

    page.goto("/inventory/")
    page.get_by_role("link", name=f"Edit order {child.number}").click()
    edit = window(page, js)
    tab(edit, js, "Transfers").click()
    expect(edit.get_by_text("40 seats", exact=False).first).to_be_visible()


def test_searching_sub_organizations(open_site, hub_admin, child, parent, js):
    page = open_site(hub_admin, js=js)
    page.goto("/inventory/")
    page.get_by_role("group", name="Assigned To").get_by_label("Sub-organizations only").check()
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("rowheader")).to_have_text([str(child.number)])
    page.get_by_label(re.compile(r"^\s*Organization")).fill("harbour")
    page.get_by_role("group", name="Assigned To").get_by_label("All", exact=True).check()
    page.get_by_role("button", name="Search").click()
    expect(page).to_have_url(re.compile("holder="))
    expect(page.get_by_role("rowheader")).to_have_text([str(parent.number)])


def test_no_column_is_cut_off(open_site, hub_admin, child, parent, codes):
    page = open_site(hub_admin)
    for address in ("/inventory/", "/transfers/"):
        page.goto(address)
        for _width in each_width(page, ALL_WIDTHS):
            fits(page)


def test_axe_finds_nothing_on_the_pages(open_site, hub_admin, child, parent, codes, axe_anywhere):
    page = open_site(hub_admin)
    for address in (
        "/",
        "/inventory/",
        "/inventory/?scope=below&number=x",
        "/transfers/",
        "/transfers/?first_day=soon",
        "/transfers/?order=1",
        f"/inventory/{parent.number}/assign/",
        f"/inventory/{codes.number}/assign/",
        f"/inventory/{child.number}/take-back/",
        f"/inventory/{child.number}/suspend/",
        f"/inventory/{child.number}/resume/",
        f"/inventory/{child.number}/edit/",
    ):
        page.goto(address)
        axe_anywhere(page)


def test_axe_finds_nothing_in_the_dialogs(open_site, hub_admin, child, parent, axe_anywhere):
    page = open_site(hub_admin)
    page.goto("/inventory/")
    dialog = page.get_by_role("dialog")
    for name, button in (
        (f"Assign from order {parent.number}", "Assign License"),
        (f"Reclaim from order {child.number}", "Reclaim Seats"),
        (f"Suspend order {child.number}", "Suspend License"),
    ):
        choose(page, name)
        expect(dialog).to_be_visible()
        axe_anywhere(page)
        dialog.get_by_role("button", name=button).click()
        expect(dialog.get_by_role("alert")).to_be_visible()
        axe_anywhere(page)
        page.keyboard.press("Escape")
        expect(dialog).to_have_count(0)
    page.get_by_role("link", name=f"Edit order {child.number}").click()
    dialog.get_by_role("tab", name="Transfers").click()
    axe_anywhere(page)
