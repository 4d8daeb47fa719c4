"""Dialogs and keyboard: focus, Escape, tabs, and errors while a window is open."""

import re

import pytest
from playwright.sync_api import expect

from jasper_inventory.accounts.models import Membership, Session
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def site(open_site, admin):
    page = open_site(admin)
    factories.order(assigned_to=admin.organization)
    page.goto("/inventory/")
    return page


def open_request(page):
    page.get_by_role("link", name="Request New License").click()
    expect(page.get_by_role("dialog", name="Request New License")).to_be_visible()
    return page.get_by_role("dialog")


def test_escape_closes_a_dialog_and_the_focus_returns_to_its_link(site):
    link = site.get_by_role("link", name="Renew order")
    link.focus()
    site.keyboard.press("Enter")
    expect(site.get_by_role("dialog", name="Request License Renewal")).to_be_visible()

    site.keyboard.press("Escape")

    expect(site.get_by_role("dialog")).to_have_count(0)
    expect(link).to_be_focused()


def test_a_window_opened_from_a_menu_leads_back_to_the_menus_button(open_site, admin):
    order = factories.license_request(membership=admin)
    page = open_site(admin)
    page.goto("/inventory/")
    button = page.locator(".row-menu summary")
    button.focus()
    page.keyboard.press("Enter")
    page.get_by_role("link", name=f"Withdraw request {order.number}").click()
    expect(page.get_by_role("dialog", name="Withdraw Request")).to_be_visible()

    page.keyboard.press("Escape")

    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(button).to_be_focused()
    expect(page.get_by_role("link", name=f"Withdraw request {order.number}")).not_to_be_visible()


def test_the_focus_stays_inside_an_open_dialog(site):
    dialog = open_request(site)

    for _ in range(40):
        site.keyboard.press("Tab")
        outside = site.evaluate(
            "document.activeElement !== document.body && "
            "!document.getElementById('dialog').contains(document.activeElement)"
        )
        assert not outside
    expect(dialog).to_be_visible()


def test_the_tabs_are_a_tab_list_that_the_arrow_keys_walk(site):
    dialog = open_request(site)
    first = dialog.get_by_role("tab", name="Request New License")
    second = dialog.get_by_role("tab", name="Products Information")
    expect(dialog.get_by_role("tablist")).to_be_visible()
    expect(first).to_have_attribute("aria-selected", "true")

    first.focus()
    site.keyboard.press("ArrowRight")

    expect(second).to_be_focused()
    expect(second).to_have_attribute("aria-selected", "true")
    expect(dialog.get_by_role("tabpanel", name="Products Information")).to_be_visible()


def test_the_first_wrong_field_gets_the_focus(site):
    dialog = open_request(site)
    dialog.get_by_label("Center License").check()
    dialog.get_by_role("textbox", name="Students").fill("-4")

    dialog.get_by_role("button", name="Request New License").click()

    expect(dialog.get_by_role("textbox", name="Students")).to_be_focused()
    expect(dialog.get_by_role("textbox", name="Students")).to_have_value("-4")
    expect(dialog.get_by_role("alert")).to_contain_text("Nothing was saved")


def test_an_error_on_the_second_tab_is_shown_on_that_tab(site):
    dialog = open_request(site)
    dialog.get_by_label("Center License").check()

    dialog.get_by_role("button", name="Request New License").click()

    expect(dialog.get_by_role("tab", name="Products Information")).to_have_attribute(
        "aria-selected", "true"
    )
    expect(dialog.locator("#id_products_error")).to_be_visible()


def test_the_error_summary_links_to_a_field_on_the_other_tab(site):
    dialog = open_request(site)
    dialog.get_by_role("textbox", name="Students").fill("-4")
    dialog.get_by_role("button", name="Request New License").click()

    dialog.get_by_role("alert").get_by_role("link", name="Products Information").click()

    expect(dialog.get_by_role("tab", name="Products Information")).to_have_attribute(
        "aria-selected", "true"
    )


def test_an_ended_session_redirects_to_sign_in_and_back_with_what_was_typed(open_site, admin):
    admin.user.set_password(factories.PASSWORD)
    admin.user.save()
    site = open_site(admin)
    site.goto("/inventory/")
    dialog = open_request(site)
    dialog.get_by_label("Requester Comments").fill("Typed for an hour")
    Session.objects.all().delete()

    dialog.get_by_role("button", name="Request New License").click()
    site.get_by_label("Username or email").fill(admin.user.username)
    site.get_by_label("Password").fill(factories.PASSWORD)
    site.get_by_role("button", name="Sign In", exact=True).click()

    expect(site).to_have_url(re.compile("/inventory/request/"))
    expect(site.get_by_label("Requester Comments")).to_have_value("Typed for an hour")


def test_a_role_revoked_while_a_window_is_open_keeps_what_was_typed(site):
    dialog = open_request(site)
    dialog.get_by_label("Requester Comments").fill("Typed for an hour")
    Membership.objects.all().delete()

    dialog.get_by_role("button", name="Request New License").click()

    expect(dialog).to_contain_text("You no longer have this role")
    expect(dialog).to_contain_text("Typed for an hour")


def test_a_lost_connection_says_so_and_keeps_what_was_typed(site):
    dialog = open_request(site)
    dialog.get_by_label("Requester Comments").fill("Typed for an hour")
    site.context.set_offline(True)

    dialog.get_by_role("button", name="Request New License").click()

    expect(dialog.get_by_role("alert")).to_contain_text("Can't reach the site")
    expect(dialog.get_by_label("Requester Comments")).to_have_value("Typed for an hour")
    site.context.set_offline(False)


def test_a_link_to_a_window_opens_in_a_new_tab_with_control(site):
    with site.context.expect_page() as opened:
        site.get_by_role("link", name="Request New License").click(modifiers=["Control"])

    expect(opened.value.get_by_role("heading", name="Request New License")).to_be_visible()
    expect(site.get_by_role("dialog")).to_have_count(0)


def test_the_role_menu_works_by_keyboard(site):
    summary = site.locator("summary", has_text="Role")
    summary.focus()
    site.keyboard.press("Enter")
    expect(site.get_by_role("button", name="Center Admin")).to_be_visible()

    site.keyboard.press("Escape")

    expect(site.get_by_role("button", name="Center Admin")).to_be_hidden()
    expect(summary).to_be_focused()
