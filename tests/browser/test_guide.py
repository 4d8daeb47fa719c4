"""The customer's guide, step by step, with and without JavaScript."""

import re

import openpyxl
import pytest
from playwright.sync_api import expect

from jasper_inventory.accounts.models import Role
from licenses.models import Order, Outcome
from licenses.services.suspensions import suspend_order
from renewals.models import RenewalRequest
from tests import factories
from tests.browser.screens import choose, tab, window

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def kim(db):
    """The guide's person: Kim Williams, Center Admin of Tolano Adventures."""
    center = factories.organization("Tolano Adventures")
    user = factories.person("kim.williams", first_name="Kim", last_name="Williams")
    user.set_password(factories.PASSWORD)
    user.save()
    factories.member(center, Role.TEACHER, user=user)
    return factories.member(center, user=user)


@pytest.fixture
def sue(db):
    return factories.staff("sue.wong", first_name="Sue", last_name="Wong")


@pytest.mark.parametrize("login", ["kim.williams", "kim.williams@example.com"])
def test_step_1_log_in_and_select_the_role(open_site, kim, login, js):
    page = open_site(js=js)
    page.goto("/")
    page.get_by_label("Username or email").fill(login)
    page.get_by_label("Password").fill(factories.PASSWORD)
    page.get_by_role("button", name="Sign In", exact=True).click()

    menu = page.locator("summary", has_text="Role")
    expect(menu).to_contain_text("Center Admin")
    menu.click()
    expect(page.get_by_role("button", name="Center Admin Tolano Adventures")).to_have_attribute(
        "aria-current", "true"
    )
    page.get_by_role("button", name="Teacher Tolano Adventures").click()
    expect(page.get_by_role("heading", name="Your Licenses")).to_be_visible()
    page.locator("summary", has_text="Role").click()
    page.get_by_role("button", name="Center Admin Tolano Adventures").click()
    expect(page.get_by_role("link", name="License Inventory", exact=True)).to_be_visible()


def test_steps_2_to_4_search_the_inventory(open_site, kim, js):
    codes = factories.order(
        factories.CODES, assigned_to=kim.organization, purchase_order="UAC- Center2"
    )
    other = factories.order(assigned_to=kim.organization, purchase_order="PO-Center2-Center")
    page = open_site(kim, js=js)
    page.goto("/")

    page.get_by_role("link", name="License Inventory", exact=True).click()
    expect(page.get_by_role("rowheader")).to_have_text([str(other.number), str(codes.number)])
    page.get_by_label("Purchase Order").fill("uac")
    page.get_by_role("group", name="Order Status").get_by_label("Available Licenses").check()
    page.get_by_role("group", name="Inventory Type").get_by_label("User Activation Codes").check()
    page.get_by_role("button", name="Search").click()

    expect(page.get_by_role("rowheader")).to_have_text([str(codes.number)])
    expect(page.get_by_label("Purchase Order")).to_have_value("uac")
    page.get_by_role("link", name="Clear", exact=True).click()
    expect(page.get_by_role("rowheader")).to_have_count(2)


def test_viewing_and_deactivating_an_order(open_site, kim, sue, js):
    order = factories.order(
        assigned_to=kim.organization, by=sue, teacher_code="SALES-1124-0817", students=2
    )
    page = open_site(kim, js=js)
    page.goto("/inventory/")

    page.get_by_role("link", name=f"Edit order {order.number}").click()
    edit = window(page, js)
    expect(edit.get_by_role("heading", name="Edit Order")).to_be_visible()
    expect(edit).to_contain_text("SALES-1124-0817")
    expect(edit).to_contain_text("Sue Wong")
    tab(edit, js, "Products Information").click()
    expect(edit.get_by_text(order.products.first().name, exact=False).first).to_be_visible()
    edit.get_by_role("link", name="Cancel").click()
    expect(page).to_have_url(re.compile(r"/inventory/(#order-\d+)?$"))
    order.refresh_from_db()
    assert order.is_active

    page.get_by_role("link", name=f"Edit order {order.number}").click()
    edit = window(page, js)
    edit.get_by_label("Active License").uncheck()
    edit.get_by_label("Reason").fill("Summer")
    edit.get_by_role("button", name="Save").click()

    expect(page.get_by_role("status")).to_have_text(f"Order {order.number} is now inactive.")
    expect(page.get_by_role("row", name=str(order.number))).to_contain_text("Inactive")


def test_creating_modifying_and_downloading_user_activation_codes(open_site, kim, tmp_path, js):
    order = factories.order(
        factories.CODES, assigned_to=kim.organization, number_of_codes=5, duration=10
    )
    page = open_site(kim, js=js)
    page.goto("/inventory/")

    page.get_by_role("link", name="User Activation Codes order").click()
    codes = window(page, js)
    expect(codes).to_contain_text("The codes have not yet been created.")
    codes.get_by_label("The student must be linked to a teacher").check()
    codes.get_by_role("button", name="Create Codes").click()

    codes = window(page, js)
    expect(page.get_by_role("status")).to_contain_text(
        "The activation codes were successfully created."
    )
    expect(codes).to_contain_text("Kim Williams")
    expect(codes.get_by_role("button", name="Create Codes")).to_have_count(0)
    expect(codes.get_by_label("The student must be linked to a teacher")).to_be_checked()

    codes.get_by_label("Enable Benchmark").uncheck()
    codes.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_contain_text("The options were successfully saved.")
    codes = window(page, js)
    expect(codes.get_by_label("Enable Benchmark")).not_to_be_checked()

    with page.expect_download() as started:
        codes.get_by_role("link", name="Download Codes").click()
    started.value.save_as(tmp_path / "codes.xlsx")
    assert str(order.number) in started.value.suggested_filename
    sheet = list(openpyxl.load_workbook(tmp_path / "codes.xlsx").active.values)
    assert sheet[0] == ("Code", "Users (per code)", "Name", "Last Name", "Email")
    assert {row[0] for row in sheet[1:]} == {str(code) for code in order.activation_codes.all()}

    codes.get_by_role("link", name="Close", exact=True).click()
    expect(page).to_have_url(re.compile(r"/inventory/(#order-\d+)?$"))
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_requesting_a_license_renewal(open_site, kim, js):
    order = factories.order(assigned_to=kim.organization)
    page = open_site(kim, js=js)
    page.goto("/inventory/")

    choose(page, f"Renew order {order.number}")
    renew = window(page, js)
    expect(renew.get_by_role("heading", name="Request License Renewal")).to_be_visible()
    renew.get_by_label("Use Existing Code").check()
    renew.get_by_label("Purchase Order").fill("PO-2")
    tab(renew, js, "Products Information").click()
    expect(renew).to_contain_text("You cannot change the product mix for a license renewal.")
    renew.get_by_role("button", name="Request License Renewal").click()

    expect(page.get_by_role("status")).to_contain_text(
        "The renewal request was successfully submitted."
    )
    expect(page).to_have_url(re.compile(r"/inventory/(#order-\d+)?$"))
    expect(page.get_by_role("row", name=str(order.number))).to_contain_text("Renewal requested")
    renewal = RenewalRequest.objects.get()
    assert renewal.code_choice == "existing"

    choose(page, "Withdraw the renewal request")
    window(page, js).get_by_role("button", name="Withdraw Renewal Request").click()
    expect(page.get_by_role("status")).to_contain_text("The renewal request was withdrawn.")


def test_requesting_new_inventory(open_site, kim, js):
    mix = factories.products(3)
    page = open_site(kim, js=js)
    page.goto("/inventory/")

    page.get_by_role("link", name="Request New License").click()
    form = window(page, js)
    expect(form).to_contain_text("0 available license(s)")
    form.get_by_label("Purchase Order").fill("PO-3")
    form.get_by_label("Center License").check()
    form.get_by_role("textbox", name="Students").fill("30")
    form.get_by_role("button", name="Request New License").click()

    form = window(page, js)
    expect(form.get_by_text("Choose at least one product.").last).to_be_visible()
    tab(form, js, "Products Information").click()
    form.get_by_label(str(mix[0].family), exact=True).check()
    if js:
        expect(form.get_by_label(mix[2].name, exact=True)).to_be_checked()
    form.get_by_role("button", name="Request New License").click()

    expect(page.get_by_role("status")).to_contain_text("The request was successfully submitted.")
    expect(page.get_by_role("row", name="PO-3")).to_contain_text("Requested")
    order = Order.objects.get()
    assert set(order.products.all()) == set(mix)
    assert order.requested_students == 30

    choose(page, f"Withdraw request {order.number}")
    window(page, js).get_by_role("button", name="Withdraw Request").click()
    expect(page.get_by_role("status")).to_contain_text("The request was withdrawn.")
    order.refresh_from_db()
    assert order.outcome == Outcome.WITHDRAWN


def test_an_order_suspended_while_its_window_is_open_says_so(open_site, kim, sue, js):
    order = factories.order(factories.CODES, assigned_to=kim.organization)
    page = open_site(kim, js=js)
    page.goto("/inventory/")
    page.get_by_role("link", name="User Activation Codes order").click()
    codes = window(page, js)
    codes.get_by_label("Enable Benchmark").uncheck()

    suspend_order(order=order, by=sue, reason="unpaid")
    codes.get_by_role("button", name="Create Codes").click()

    codes = window(page, js)
    expect(codes.get_by_role("alert")).to_contain_text("The license is suspended.")
    expect(codes.get_by_label("Enable Benchmark")).not_to_be_checked()
