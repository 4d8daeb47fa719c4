"""Single sign-on in Chromium, with a real OpenID Connect server."""

import re

import pytest
from allauth.socialaccount.models import SocialAccount
from playwright.sync_api import expect

from tests import factories, oidc

pytestmark = pytest.mark.django_db(transaction=True)
LOGIN = re.compile(r":\d+/accounts/login/$")


@pytest.fixture(scope="module")
def server():
    with oidc.server() as address:
        yield address


@pytest.fixture
def knows(server, settings):
    """A function: name what the server says about a person."""
    oidc.configure(settings, server)
    return lambda sub="kim", **claims: oidc.know(server, sub, **claims)


@pytest.fixture
def kim(center):
    user = factories.person("kim.williams", first_name="Kim", email="kim@example.com")
    user.set_password(factories.PASSWORD)
    user.save()
    factories.member(center, user=user)
    return user


def at_the_service(page, sub="kim"):
    """Sign in at the service, to which the site has led."""
    page.get_by_placeholder("sub").fill(sub)
    page.get_by_role("button", name="Authorize").first.click()


def sign_in_there(page, sub="kim"):
    page.get_by_role("button", name="Continue with District").click()
    at_the_service(page, sub)


def test_a_verified_address_links_at_the_first_sign_in(open_site, knows, kim, js):
    knows(email="Kim@Example.com", email_verified=True)
    page = open_site(js=js)
    page.goto("/accounts/login/?next=/inventory/")

    sign_in_there(page)

    expect(page).to_have_url(re.compile(r":\d+/inventory/$"))
    assert SocialAccount.objects.get().user == kim
    page.goto("/accounts/security/")
    expect(page.locator("main")).to_contain_text("District")


def test_an_address_that_is_not_verified_is_refused(open_site, knows, kim, axe_anywhere):
    knows(email="kim@example.com", email_verified=False)
    page = open_site()
    page.goto("/accounts/login/")

    sign_in_there(page)

    expect(page).to_have_url(LOGIN)
    expect(page.get_by_role("alert")).to_contain_text("No account here is linked")
    axe_anywhere(page)
    assert not SocialAccount.objects.exists()


def test_the_signed_in_person_links_and_unlinks(open_site, knows, kim):
    knows(email="another@example.com", email_verified=True)
    page = open_site(kim)
    page.goto("/accounts/security/")

    page.get_by_role("button", name="Link District").click()
    at_the_service(page)

    expect(page).to_have_url(re.compile(r":\d+/accounts/security/$"))
    assert SocialAccount.objects.get().user == kim
    page.get_by_role("button", name=re.compile("Unlink")).click()
    expect(page.get_by_role("button", name="Link District")).to_be_visible()
    assert not SocialAccount.objects.exists()


def test_a_person_who_signs_in_only_there_confirms_there(
    open_site, knows, kim, axe_anywhere, settings
):
    knows(email="kim@example.com", email_verified=True)
    kim.set_unusable_password()
    kim.save()
    page = open_site()
    page.goto("/accounts/login/")
    sign_in_there(page)
    settings.REAUTHENTICATION_MINUTES = 0
    page.goto("/me/erase/")
    expect(page.get_by_role("heading", name="Confirm It's You")).to_be_visible()
    axe_anywhere(page)
    settings.REAUTHENTICATION_MINUTES = 15

    page.get_by_role("button", name="Sign In at District Again").click()
    at_the_service(page)

    expect(page).to_have_url(re.compile(r":\d+/me/erase/$"))
    expect(page.get_by_role("heading", name="Confirm It's You")).to_have_count(0)
