"""Every password field can be shown while it is typed, and is hidden again when it is sent."""

import re

import pytest
from django.core import mail
from django.test import Client
from playwright.sync_api import expect

from jasper_inventory.accounts.models import Role, User
from jasper_inventory.accounts.services.invitations import invite
from tests import factories
from tests.factories import PASSWORD

TYPED = "only I know this one"


@pytest.fixture
def kim(transactional_db):
    user = factories.person("kim")
    user.set_password(PASSWORD)
    user.save()
    return user


def signing_in(site, kim):
    site.goto("/accounts/login/")


def signing_up_by_code(site, kim):
    code = factories.codes(factories.order(factories.CODES))[0]
    site.goto("/activate/")
    site.get_by_label("Activation code").fill(str(code))
    site.get_by_role("button", name="Next").click()


def accepting_an_invitation(site, kim):
    admin = factories.member()
    mail.outbox.clear()
    invite(
        organization=admin.organization, role=Role.TEACHER, email="new@example.com", by=admin.user
    )
    site.goto(re.search(r"/invitation/\S+", mail.outbox[-1].body)[0])


def resetting(site, kim):
    Client().post("/accounts/password/reset/", {"email": "kim"})
    site.goto(re.search(r"/accounts/password/reset/key/\S+", mail.outbox[-1].body)[0])


def changing(site, kim):
    site.goto("/accounts/password/change/")


def choosing_ones_own(site, kim):
    User.objects.filter(pk=kim.pk).update(must_change_password=True)
    site.goto("/courses/")


@pytest.mark.parametrize(
    ("opens", "fields", "is_signed_in"),
    [
        (signing_in, 1, False),
        (signing_up_by_code, 1, False),
        (accepting_an_invitation, 2, False),
        (resetting, 2, False),
        (changing, 3, True),
        (choosing_ones_own, 1, True),
    ],
)
def test_every_password_field_can_be_shown(open_site, kim, opens, fields, is_signed_in):
    site = open_site(kim if is_signed_in else None)
    opens(site, kim)
    passwords = site.locator("input[type=password]")
    expect(passwords).to_have_count(fields)
    ids = [passwords.nth(at).get_attribute("id") for at in range(fields)]
    for each in ids:
        field = site.locator(f"#{each}")
        button = site.locator(f"[data-jasper-show][aria-controls={each}]")
        field.fill(TYPED)
        expect(button).to_have_accessible_name("Show password")
        button.press("Enter")
        expect(field).to_have_attribute("type", "text")
        expect(button).to_have_accessible_name("Hide password")
        expect(field).to_have_value(TYPED)
        button.click()
        expect(field).to_have_attribute("type", "password")
        button.click()
    site.evaluate(
        """(id) => {
          const form = document.getElementById(id).form;
          form.addEventListener("submit", (event) => event.preventDefault());
          form.requestSubmit();
        }""",
        ids[0],
    )
    expect(passwords).to_have_count(fields)


def test_without_script_there_is_no_button_that_does_nothing(open_site, kim):
    site = open_site(js=False)
    site.goto("/accounts/login/")
    expect(site.locator("[data-jasper-show]")).to_have_count(0)
    site.get_by_label("Username or email").fill("kim")
    site.get_by_label("Password").fill(PASSWORD)
    site.get_by_role("button", name="Sign In", exact=True).click()
    expect(site).to_have_url(re.compile("/$"))
