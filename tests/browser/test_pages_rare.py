"""Pages that few people see: refusals, faults, and steps between two pages. axe finds nothing."""

import pytest
from django.http import HttpResponseRedirect
from playwright.sync_api import expect

from jasper_inventory.accounts.views import sso
from jasper_inventory.lib.site import bare_page
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_download_that_has_to_wait(open_site, admin, settings, axe_anywhere):
    page = open_site(admin)
    settings.DOWNLOADS_AT_ONCE = 0
    page.goto("/inventory/export/?file=csv")
    expect(page.get_by_text("Many people are downloading")).to_be_visible()
    axe_anywhere(page)
    settings.DOWNLOADS_PER_PERSON = 0
    page.goto("/inventory/export/?file=csv")
    expect(page.get_by_text("Your earlier downloads")).to_be_visible()
    axe_anywhere(page)


def test_a_form_that_continues_once_its_sender_has_confirmed(
    open_site, admin, settings, axe_anywhere
):
    admin.user.set_password(factories.PASSWORD)
    admin.user.save()
    page = open_site(admin)
    page.goto("/organization/second-factor/")
    settings.REAUTHENTICATION_MINUTES = 0
    page.get_by_role("button", name="Require It").click()
    settings.REAUTHENTICATION_MINUTES = 15
    page.get_by_role("textbox", name="Password").fill(factories.PASSWORD)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("Thank you for confirming")).to_be_visible()
    axe_anywhere(page)


def test_leaving_for_a_sign_in_service(open_site, admin, monkeypatch, axe_anywhere):
    class Service:
        name = "School District 42 of the Fraser Valley and Neighboring Municipalities"

        def redirect(self, *_args, **_kwargs):
            return HttpResponseRedirect("https://service.example/")

        def get_provider(self, *_args, **_kwargs):
            return self

    monkeypatch.setattr(sso, "get_adapter", lambda _request: Service())
    page = open_site()
    # The service has no answer, which keeps the page where it is.
    page.route("https://service.example/", lambda route: route.fulfill(status=204))
    page.goto("/accounts/login/")
    page.evaluate("document.querySelector('main form').action = '/accounts/sso/district/'")
    page.get_by_label("Username or email").fill("kim")
    page.get_by_role("textbox", name="Password").fill("kim")
    page.get_by_role("button", name="Sign In", exact=True).click()
    expect(page.get_by_role("heading")).to_contain_text("Continue to School District 42")
    axe_anywhere(page)


@pytest.mark.parametrize("is_busy", [True, False])
def test_a_fault_of_the_database(open_site, db, axe_anywhere, is_busy):
    context = {"is_busy": is_busy, "is_sent": True, "action": "/", "typed": [("number", "1")]}
    body = bare_page("503.html", 503, context).content.decode()
    page = open_site()
    page.route("**/inventory/", lambda route: route.fulfill(status=503, body=body))
    page.goto("/inventory/")
    expect(page.get_by_role("button", name="Send again")).to_be_visible()
    axe_anywhere(page)


def test_too_many_attempts_and_pages_that_refuse(open_site, admin, settings, axe_anywhere):
    settings.ACCOUNT_RATE_LIMITS = {"reset_password": "1/m/ip"}
    page = open_site()
    for _attempt in range(2):
        page.goto("/accounts/password/reset/")
        page.get_by_label("Email or username").fill("kim@example.com")
        page.get_by_role("button", name="Send Link").click()
    expect(page.get_by_role("heading", name="Too Many Attempts")).to_be_visible()
    axe_anywhere(page)
    page = open_site(admin)
    for address in ("/nowhere/", "/inventory/where/"):
        page.goto(address)
        axe_anywhere(page)
