"""What nobody gets from outside, however it is requested, and what no script gets."""

import json
import logging
import re
import ssl
from http import HTTPStatus

import environ
import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client

from jasper_inventory.lib import logs
from jasper_inventory.lib.sso_settings import provider_apps
from jasper_inventory.lib.tls import require_email_tls
from tests import factories
from tests.access_table import TABLE
from tests.asvs import ROOT

pytestmark = pytest.mark.django_db
SPACED = "  Maple otter CANOE lantern "


@pytest.mark.parametrize("method", ["TRACE", "TRACK", "CONNECT"])
@pytest.mark.parametrize(
    "address", ["/", "/accounts/login/", "/admin/", "/nowhere/", "/static/js/app.js"]
)
def test_no_address_answers_methods_for_diagnosis(sign_in, admin, method, address):
    for site in (Client(), sign_in(admin)):
        response = site.generic(method, address)
        assert response.status_code == HTTPStatus.METHOD_NOT_ALLOWED
        assert response.headers["Allow"] == "GET, HEAD, POST"


@pytest.mark.parametrize(
    "address",
    ["/static/", "/static/js/", "/.git/config", "/static/../.git/config", "/static//etc/"],
)
def test_folders_and_version_control_are_not_served(address):
    assert Client().get(address).status_code == HTTPStatus.NOT_FOUND


def test_every_text_says_that_it_is_utf_8(sign_in, admin, addresses):
    site, seen = sign_in(admin), set()
    for route in sorted({row[0] for row in TABLE}):
        for query in ({}, {"file": "csv"}):
            kind = site.get(addresses(route), query).headers.get("Content-Type", "")
            if kind.startswith("text/"):
                seen.add(kind)
    assert seen == {"text/html; charset=utf-8", "text/csv; charset=utf-8"}


def test_pages_are_redirected_to_tls_but_a_token_without_it_is_refused(settings):
    settings.SECURE_SSL_REDIRECT = True
    page = Client().get("/accounts/login/")
    assert page.url == "https://testserver/accounts/login/"
    refused = Client().get("/accounts/login/", headers={"Authorization": "Bearer x"})
    assert refused.status_code == HTTPStatus.FORBIDDEN
    assert "Location" not in refused.headers and b"unencrypted" in refused.content


def test_scripts_read_no_cookie():
    kim = factories.person("kim")
    kim.set_password(SPACED)
    kim.save()
    site = Client()
    site.get("/accounts/login/")
    site.post("/accounts/login/", {"login": "kim", "password": SPACED})
    assert {*site.cookies} == {"csrftoken", "browser", "sessionid"}
    assert all(cookie["httponly"] for cookie in site.cookies.values())


@pytest.mark.parametrize("typed", [SPACED.strip(), SPACED.lower(), SPACED[:-1], SPACED + " "])
def test_a_password_counts_exactly_as_it_was_chosen(typed):
    kim = factories.person("kim")
    kim.set_password(SPACED)
    kim.save()

    def signs_in(password):
        response = Client().post("/accounts/login/", {"login": "kim", "password": password})
        return response.status_code == HTTPStatus.FOUND

    assert signs_in(SPACED)
    assert not signs_in(typed)


def test_confirming_who_one_is_renews_the_key_of_the_session():
    kim = factories.person("kim")
    kim.set_password(SPACED)
    kim.save()
    site, old = Client(), Client()
    site.post("/accounts/login/", {"login": "kim", "password": SPACED})
    key = old.cookies["sessionid"] = site.cookies["sessionid"].value
    site.post("/accounts/reauthenticate/", {"password": "wrong"})
    assert site.cookies["sessionid"].value == key
    site.post("/accounts/reauthenticate/", {"password": SPACED})
    assert site.cookies["sessionid"].value != key
    assert site.get("/me/").status_code == HTTPStatus.OK
    assert old.get("/me/").status_code == HTTPStatus.FOUND


@pytest.mark.parametrize("host", ["mail.example.com", "10.0.0.5"])
def test_a_mail_server_elsewhere_needs_tls(host):
    with pytest.raises(ImproperlyConfigured):
        require_email_tls({"EMAIL_HOST": host})
    require_email_tls({"EMAIL_HOST": host, "EMAIL_USE_TLS": True})
    require_email_tls({"EMAIL_HOST": host, "EMAIL_USE_SSL": True})
    require_email_tls({"EMAIL_HOST": "localhost"})
    require_email_tls({"EMAIL_HOST": None})


@pytest.mark.parametrize("url", ["http://id.example.com", "id.example.com", "ftp://id.example.com"])
def test_a_sign_in_service_needs_tls(url):
    named = {"SSO_PROVIDERS": "id", "SSO_ID_CLIENT_ID": "x", "SSO_ID_CLIENT_SECRET": "y"}
    with pytest.raises(ImproperlyConfigured):
        provider_apps(environment({**named, "SSO_ID_URL": url}))
    assert provider_apps(environment({**named, "SSO_ID_URL": "https://id.example.com"}))


def test_the_proxy_takes_new_versions_of_tls_and_strong_ciphers_only():
    text = (ROOT / "deploy" / "nginx.conf").read_text()
    assert re.findall(r"ssl_protocols ([^;]*);", text) == ["TLSv1.2 TLSv1.3"]
    [ciphers] = re.findall(r"ssl_ciphers ([^;]*);", text)
    context = ssl.create_default_context()
    context.set_ciphers(ciphers)
    older = [one for one in context.get_ciphers() if one["protocol"] == "TLSv1.2"]
    assert [one["name"] for one in older] == ciphers.split(":")
    assert all(one["aead"] and one["kea"] == "kx-ecdhe" for one in older)


def environment(values):
    env = environ.Env()
    env.ENVIRON = values
    return env


class Lines(logging.Handler):
    def __init__(self):
        super().__init__()
        self.setFormatter(logs.JsonLines())
        self.lines = []

    def emit(self, record):
        self.lines.append(json.loads(self.format(record)))


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("/inventory/99999/", "Not Found"),
        ("/admin-only/", "Not Found"),
        ("/styleguide/", "Forbidden"),
    ],
)
def test_each_refusal_is_logged_with_its_request_and_person(sign_in, admin, address, said):
    site, handler = sign_in(admin), Lines()
    logging.getLogger("django.request").addHandler(handler)
    try:
        response = site.get(address)
    finally:
        logging.getLogger("django.request").removeHandler(handler)
    [line] = handler.lines
    assert line["message"].startswith(said) and line["level"] == "WARNING"
    assert line["request_id"] == response.headers["X-Request-ID"]
    assert line["person"] == admin.user.pk
