"""One person, two roles, two tabs: a form acts in the role that its page showed."""

import pytest
from playwright.sync_api import expect

from jasper_inventory.accounts.models import Invitation, Level
from tests import factories
from tests.browser.screens import fits

pytestmark = pytest.mark.django_db(transaction=True)


def switch(page, name):
    page.goto("/")
    page.locator(".menu summary").first.click()
    page.get_by_role("button", name=name).click()


def test_an_invitation_of_one_tab_survives_the_switch_in_the_other(
    open_site, axe_anywhere, center, js
):
    # With scripts turned off, a page never answers axe.
    look_at = axe_anywhere if js else fits
    at_center = factories.member(center)
    hub = factories.organization("Fraser Valley", level=Level.HUB)
    factories.member(hub, user=at_center.user)
    one = open_site(at_center, js=js)
    switch(one, "Center Admin Tolano Adventures")
    one.goto("/invitations/")
    one.get_by_role("link", name="Invite").click()
    window = one.get_by_role("dialog") if js else one.get_by_role("main")
    window.get_by_label("Email").fill("kim@example.com")
    window.get_by_label("Center Admin").check()
    two = one.context.new_page()
    switch(two, "Hub Admin Fraser Valley")

    window.get_by_role("button", name="Send Invitation").click()

    expect(window).to_contain_text("You opened this form as Center Admin of Tolano Adventures.")
    expect(window).to_contain_text("You are now Hub Admin of Fraser Valley. Nothing was saved.")
    look_at(one)
    assert not Invitation.objects.exists()
    window.get_by_role("button", name="Continue as Center Admin of Tolano Adventures").click()
    again = one.get_by_role("main")
    expect(again.get_by_label("Email")).to_have_value("kim@example.com")
    again.get_by_role("button", name="Send Invitation").click()
    expect(one.get_by_role("status")).to_contain_text("Center Admin of Tolano Adventures")
    assert Invitation.objects.get().organization == center

    # The other tab's pages belong to a role that isn't active now: it is offered.
    one.goto("/role/1/")
    refused = "This address works only from a button on a page."
    expect(one.get_by_role("main")).to_contain_text(refused)
    look_at(one)
    order = factories.order(assigned_to=hub)
    one.goto(f"/inventory/{order.number}/edit/")
    look_at(one)
    one.get_by_role("button", name="Open as Hub Admin of Fraser Valley").click()
    expect(one.get_by_role("heading", name="Edit Order")).to_be_visible()
