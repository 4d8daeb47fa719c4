"""Signing in with user name or e-mail, signing out, and a forgotten password."""

import re

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core import mail
from django.test import Client

from jasper_inventory.accounts.models import Notice
from tests import factories
from tests.pages import page_text, parsed

LOGIN = "/accounts/login/"


@pytest.fixture
def kim(center):
    user = factories.person("kim.williams", email="Kim@Example.com")
    user.set_password(factories.PASSWORD)
    user.save()
    factories.member(center, user=user)
    return user


@pytest.mark.parametrize(
    "login", ["kim.williams", "KIM.Williams", "kim@example.com", "KIM@EXAMPLE.COM"]
)
def test_user_name_and_e_mail_sign_in_in_any_case(client, kim, login):
    response = client.post(LOGIN, {"login": login, "password": factories.PASSWORD})

    assert response.url == "/"
    assert client.get("/").status_code == 200


def test_a_wrong_password_and_an_unknown_name_read_the_same(client, kim):
    wrong = client.post(LOGIN, {"login": "kim.williams", "password": "wrong"})
    unknown = client.post(LOGIN, {"login": "nobody", "password": "wrong"})

    message = "not correct"
    assert message in page_text(wrong)
    assert message in page_text(unknown)
    assert parsed(wrong).cssselect("#id_login")[0].get("value") == "kim.williams"


class CountingHasher(MD5PasswordHasher):
    """Counts its work, which is what takes time in a real one."""

    count = 0

    def encode(self, password, salt):
        type(self).count += 1
        return super().encode(password, salt)


def test_refusing_takes_as_long_whoever_is_asked_for(kim, settings):
    settings.PASSWORD_HASHERS = [f"{__name__}.CountingHasher"]
    closed = factories.person("closed", is_active=False)
    for user in (kim, closed):
        user.set_password(factories.PASSWORD)
        user.save()
    work = []
    logins = (kim.username, kim.email, closed.email, "nobody", "nobody@example.com")
    for login in logins:
        before = CountingHasher.count
        Client().post(LOGIN, {"login": login, "password": "wrong"})
        work.append(CountingHasher.count - before)

    assert work == [1] * len(logins)


def test_it_leads_on_to_the_page_that_was_asked_for(client, kim):
    asked = client.get("/inventory/?status=available")

    response = client.post(asked.url, {"login": "kim.williams", "password": factories.PASSWORD})

    assert response.url.startswith("/")
    assert not client.post(
        f"{LOGIN}?next=https://evil.example/",
        {"login": "kim.williams", "password": factories.PASSWORD},
    ).url.startswith("https://evil")


@pytest.mark.parametrize("part", ["login", "logout", "password/reset"])
def test_a_next_page_that_is_no_address_is_no_error_page(client, db, part):
    response = client.get(f"/accounts/{part}/?next=http://[")

    assert response.status_code in (200, 302)


def test_an_account_that_was_closed_cannot_sign_in(client, kim):
    kim.is_active = False
    kim.save()

    client.post(LOGIN, {"login": "kim.williams", "password": factories.PASSWORD})

    assert client.get("/").url.startswith(LOGIN)


def test_signing_out_is_a_post_and_ends_the_session(sign_in, kim):
    site = sign_in(kim)
    site.get("/accounts/logout/")
    assert site.get("/").status_code == 200

    site.post("/accounts/logout/")

    assert site.get("/").url.startswith(LOGIN)


def test_a_forgotten_password_is_set_anew_by_a_mail(client, kim):
    client.post("/accounts/password/reset/", {"email": "kim@example.com"})

    (message,) = mail.outbox
    assert message.to == ["kim@example.com"]
    link = re.search(r"https?://[^/]+(/accounts/password/reset/key/\S+)", message.body)[1]
    form = client.get(link, follow=True)
    address = form.redirect_chain[-1][0]
    new = "another horse, another battery"
    client.post(address, {"password1": new, "password2": new})

    assert client.post(LOGIN, {"login": "kim.williams", "password": new}).url == "/"


def test_the_mail_leads_to_the_sites_own_address_whatever_host_was_asked(client, kim, settings):
    settings.SITE_URL, settings.ALLOWED_HOSTS = "https://licenses.example.com", ["*"]
    for email in (kim.email, "stranger@example.com"):
        client.post("/accounts/password/reset/", {"email": email}, HTTP_HOST="evil.example")

    reset, unknown = mail.outbox
    assert "https://licenses.example.com/accounts/password/reset/key/" in reset.body
    assert "no account has this e-mail address" in unknown.body
    assert "stranger@example.com" in unknown.body
    for message in (reset, unknown):
        assert "Hello from the License Inventory!" in message.body
        assert "evil.example" not in message.subject + message.body
        assert "sign up" not in message.body


def test_the_link_of_a_sent_mail_is_not_kept(client, kim):
    client.post("/accounts/password/reset/", {"email": "kim@example.com"})

    notice = Notice.objects.get()
    assert notice.sent_at
    assert "reset/key" not in notice.text + notice.html


def test_an_unknown_address_reads_the_same_as_a_known_one(client, kim):
    known = client.post("/accounts/password/reset/", {"email": "kim@example.com"})
    unknown = client.post("/accounts/password/reset/", {"email": "stranger@example.com"})

    assert known.url == unknown.url


def test_guessing_passwords_is_slowed_down(client, kim):
    for _ in range(12):
        response = client.post(LOGIN, {"login": "kim.williams", "password": "wrong"})

    assert "Too many failed" in page_text(response)
    response = client.post(LOGIN, {"login": "kim.williams", "password": factories.PASSWORD})
    assert response.status_code == 200


def test_a_form_whose_token_is_too_old_says_what_to_do(kim):

    site = Client(enforce_csrf_checks=True)
    site.force_login(kim)

    response = site.post("/inventory/request/", {})

    assert response.status_code == 403
    assert "Go back, reload the page" in page_text(response)
