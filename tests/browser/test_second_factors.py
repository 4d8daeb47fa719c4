"""Passkeys and authenticator apps in Chromium, which has a device of its own for them."""

import re

import pytest
from allauth.mfa.models import Authenticator
from playwright.sync_api import expect

from tests import factories
from tests.second_factors import app_of, code_of

pytestmark = pytest.mark.django_db(transaction=True)
DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def kim(center):
    user = factories.person("kim.williams", first_name="Kim", email="kim@example.com")
    user.set_password(factories.PASSWORD)
    user.save()
    factories.member(center, user=user)
    return user


def with_device(page, **options):
    """Give the browser a device for passkeys; return a function that changes it."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    added = session.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE | options})

    def change(command, **values):
        session.send(f"WebAuthn.{command}", {"authenticatorId": added["authenticatorId"], **values})

    return change


def sign_in_by_password(page, user):
    page.goto("/accounts/login/")
    page.get_by_label("Username or email").fill(user.username)
    page.get_by_role("textbox", name="Password").fill(factories.PASSWORD)
    page.get_by_role("button", name="Sign In", exact=True).click()


def add_passkey(page, name="Work laptop"):
    page.goto("/accounts/security/")
    page.get_by_role("link", name="Add a Passkey").click()
    page.get_by_label("Name").fill(name)
    page.get_by_role("button", name="Add Passkey").click()
    expect(page.get_by_role("heading", name="Recovery Codes")).to_be_visible()
    page.get_by_role("link", name="I Saved My Codes").click()
    expect(page.locator(".factor-list strong")).to_have_text(name)


def test_a_passkey_signs_in_without_a_password(open_site, kim):
    page = open_site(kim)
    with_device(page)
    add_passkey(page)
    page.context.clear_cookies()
    page.goto("/accounts/login/?next=/inventory/")

    page.get_by_role("button", name="Sign In with a Passkey").click()

    expect(page).to_have_url(re.compile(r":\d+/inventory/$"))
    assert Authenticator.objects.filter(type="webauthn").get().last_used_at


def test_a_passkey_is_the_second_step_after_a_password(open_site, kim):
    page = open_site(kim)
    with_device(page)
    add_passkey(page)
    page.context.clear_cookies()
    sign_in_by_password(page, kim)
    expect(page.get_by_role("heading", name="Second Step")).to_be_visible()

    page.get_by_role("button", name="Use a Passkey").click()

    expect(page.get_by_role("navigation", name="Main menu")).to_contain_text("Signed in")


def test_a_device_that_does_not_recognize_its_person_signs_nobody_in(open_site, kim):
    page = open_site(kim)
    change = with_device(page)
    add_passkey(page)
    page.context.clear_cookies()
    change("setUserVerified", isUserVerified=False)
    page.goto("/accounts/login/")

    page.get_by_role("button", name="Sign In with a Passkey").click()

    expect(page.get_by_role("alert")).to_contain_text("The passkey wasn't used.")


def test_a_passkey_is_renamed_and_removed(open_site, kim):
    page = open_site(kim)
    with_device(page)
    add_passkey(page)
    page.get_by_role("link", name="Rename Work laptop").click()
    page.get_by_label("Name").fill("Home laptop")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Remove Home laptop").click()

    page.get_by_role("button", name="Remove Passkey").click()

    expect(page.get_by_text("The passkey was removed.")).to_be_visible()
    assert not Authenticator.objects.exists()


def test_an_app_and_a_recovery_code_sign_in_without_script(open_site, kim):
    page = open_site(kim, js=False)
    page.goto("/accounts/security/totp/activate/")
    secret = page.locator(".factor-key").inner_text()
    page.get_by_label("Code").fill(code_of(secret))
    page.get_by_role("button", name="Set Up").click()
    code = page.locator(".recovery-codes li").first.inner_text().strip()
    page.context.clear_cookies()
    sign_in_by_password(page, kim)
    page.get_by_label("Code").fill(code)

    page.get_by_role("button", name="Sign In", exact=True).click()

    expect(page.get_by_role("navigation", name="Main menu")).to_contain_text("Inventory")
    page.goto("/accounts/security/")
    expect(page.get_by_text("9 unused codes")).to_be_visible()


def test_every_page_is_clean_and_fits(open_site, kim, axe_anywhere, settings):
    page = open_site(kim)
    with_device(page)
    for address in ("", "totp/activate/", "webauthn/add/"):
        page.goto(f"/accounts/security/{address}")
        axe_anywhere(page)
    page.get_by_label("Name").fill("A rather long name of a laptop at work, in room 12")
    page.get_by_role("button", name="Add Passkey").click()
    expect(page.get_by_role("heading", name="Recovery Codes")).to_be_visible()
    axe_anywhere(page)
    app_of(kim)
    key = Authenticator.objects.get(type="webauthn").pk
    for address in (
        *("", "totp/deactivate/", f"webauthn/keys/{key}/edit/", f"webauthn/keys/{key}/remove/"),
        *("recovery-codes/generate/", "reauthenticate/", "webauthn/reauthenticate/"),
    ):
        page.goto(f"/accounts/security/{address}")
        axe_anywhere(page)
    page.context.clear_cookies()
    page.goto("/accounts/login/")
    axe_anywhere(page)
    sign_in_by_password(page, kim)
    expect(page.get_by_role("heading", name="Second Step")).to_be_visible()
    axe_anywhere(page)
    page.get_by_label("Code").fill("000000")
    page.get_by_role("button", name="Sign In", exact=True).click()
    expect(page.get_by_text("This code isn't right")).to_be_visible()
    axe_anywhere(page)
