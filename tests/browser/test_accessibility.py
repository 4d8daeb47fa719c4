"""axe finds nothing on any page or dialog of ours, in any state; nothing is cut off at 320 px."""

import pytest
from playwright.sync_api import expect

from jasper_inventory.accounts.models import ExportState, Role
from licenses.services.enrollments import enroll_student, enroll_teacher
from licenses.services.requests import reject_request
from licenses.services.suspensions import suspend_order
from tests import factories
from tests.browser.screens import choose

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def inventory(admin, center, staff):
    """Orders in every status that a badge can show, and a pending renewal."""
    factories.order(assigned_to=center, purchase_order="PO" * 32)
    factories.order(assigned_to=center, start_date=factories.days(3))
    factories.order(assigned_to=center, finish_date=factories.days(-1))
    factories.order(assigned_to=center, is_active=False)
    full = factories.order(assigned_to=center, students=1)
    enroll_student(order=full, user=factories.person(), by=staff)
    suspended = factories.order(assigned_to=center)
    suspend_order(order=suspended, by=staff, reason="Unpaid")
    factories.license_request(membership=admin)
    reject_request(request=factories.license_request(membership=admin), by=staff, comments="No")
    factories.renewal_request(factories.order(assigned_to=center), membership=admin)
    codes = factories.order(factories.CODES, assigned_to=center)
    factories.codes(codes)
    fresh = factories.order(factories.CODES, assigned_to=center)
    for state in ExportState:
        factories.list_export(admin, state, number_of_rows=25_000, written=9_000)
    return {"plain": full, "suspended": suspended, "codes": codes, "fresh": fresh}


def addresses(inventory):
    return [
        "/",
        "/inventory/",
        "/inventory/?number=1",
        "/inventory/?number=x&purchase_order=" + "x" * 70,
        "/inventory/request/",
        f"/inventory/{inventory['plain'].number}/edit/",
        f"/inventory/{inventory['suspended'].number}/edit/",
        f"/inventory/{inventory['suspended'].number}/why/",
        "/why/",
        f"/inventory/{inventory['codes'].number}/codes/",
        f"/inventory/{inventory['fresh'].number}/codes/",
        f"/inventory/{inventory['plain'].number}/renew/",
        f"/inventory/{inventory['suspended'].number}/renew/",
        "/inventory/404/edit/",
        "/exports/",
        "/activity-log/",
        "/activity-log/?first_day=2027-01-01&last_day=2026-01-01&action=order.suspended",
        "/me/activity/",
        "/accounts/password/change/",
        "/accounts/logout/",
    ]


def test_every_page_of_an_administrator(open_site, admin, inventory, axe_anywhere):
    page = open_site(admin)
    for address in addresses(inventory):
        page.goto(address)
        axe_anywhere(page, widths=(320, 1920))


@pytest.mark.parametrize("address", ["/accounts/login/", "/accounts/password/reset/"])
def test_pages_before_sign_in(open_site, db, axe_anywhere, address):
    page = open_site(width=320)
    page.goto(address)
    axe_anywhere(page)
    page.locator("main button[type=submit]").first.click()
    axe_anywhere(page)


def test_the_inventory_of_a_hub_and_pages_that_refuse(
    open_site, hub_admin, inventory, center, axe_anywhere
):
    page = open_site(hub_admin)
    for address in (
        "/inventory/",
        f"/inventory/{inventory['plain'].number}/edit/",
        f"/inventory/{inventory['plain'].number}/renew/",
        f"/inventory/{inventory['codes'].number}/codes/",
    ):
        page.goto(address)
        axe_anywhere(page)


def test_pages_without_script(open_site, admin, inventory):
    page = open_site(admin, js=False, width=320)
    for address in addresses(inventory):
        page.goto(address)
        expect(page.get_by_role("main")).to_be_visible()


def test_pages_of_other_roles(open_site, admin, center, staff, axe):
    teacher = factories.member(center, Role.TEACHER)
    order = factories.order(assigned_to=center)
    enroll_teacher(order=order, user=teacher.user, by=staff)
    for who in (teacher, factories.member(center, Role.STUDENT), factories.person()):
        page = open_site(who)
        page.goto("/")
        axe(page)
        page.goto("/inventory/")
        axe(page)


def test_every_dialog(open_site, admin, inventory, axe_anywhere):
    page = open_site(admin)
    page.goto("/inventory/")
    dialog = page.get_by_role("dialog")
    for name in (
        "Request New License",
        f"Edit order {inventory['plain'].number}",
        f"User Activation Codes order {inventory['codes'].number}",
        f"User Activation Codes order {inventory['fresh'].number}",
        f"Renew order {inventory['plain'].number}",
        "Withdraw the renewal request",
        "Withdraw request",
    ):
        choose(page, name)
        expect(dialog).to_be_visible()
        axe_anywhere(page)
        if dialog.get_by_role("tab", name="Products Information").count():
            dialog.get_by_role("tab", name="Products Information").click()
            axe_anywhere(page)
        page.keyboard.press("Escape")
        expect(dialog).to_have_count(0)


def test_dialogs_with_errors_menus_and_help(open_site, admin, inventory, axe_anywhere):
    page = open_site(admin)
    page.goto("/inventory/")
    page.locator("summary", has_text="Role").click()
    axe_anywhere(page)
    page.keyboard.press("Escape")
    dialog = page.get_by_role("dialog")

    page.get_by_role("link", name="Request New License").click()
    dialog.get_by_label("Help on Students").click()
    axe_anywhere(page)
    dialog.get_by_role("textbox", name="Students").fill("-4")
    dialog.get_by_role("button", name="Request New License").click()
    expect(dialog.get_by_role("alert")).to_be_visible()
    axe_anywhere(page)
    dialog.get_by_role("tab", name="Products Information").click()
    axe_anywhere(page)
    page.keyboard.press("Escape")

    page.get_by_role("link", name=f"Renew order {inventory['plain'].number}").click()
    dialog.get_by_label("Start Date").fill("soon")
    dialog.get_by_role("button", name="Request License Renewal").click()
    expect(dialog.get_by_role("alert")).to_be_visible()
    axe_anywhere(page)
