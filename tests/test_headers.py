"""The rules of Mozilla's HTTP Observatory and of OWASP, written out, for every kind of response.

Each rule returns what is wrong, so that full marks are an empty list.
"""

import re
from http import HTTPStatus

import pytest
from django.contrib.staticfiles import finders
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone

from jasper_inventory.lib.headers import HEADERS
from tests import factories
from tests.access_table import CENTER, CODES, OPEN, STAFF, TABLE, admin_addresses

pytestmark = pytest.mark.django_db
SCRIPT = "/static/js/app.js"
# The settings of production that `DEBUG` turns off.
PRODUCTION = {
    "SECURE_SSL_REDIRECT": True,
    "SECURE_HSTS_SECONDS": 31_536_000,
    "SECURE_HSTS_INCLUDE_SUBDOMAINS": True,
    "SECURE_HSTS_PRELOAD": True,
    "SESSION_COOKIE_SECURE": True,
    "CSRF_COOKIE_SECURE": True,
    "SESSION_COOKIE_NAME": "__Host-sessionid",
    "CSRF_COOKIE_NAME": "__Host-csrftoken",
}


@pytest.fixture(autouse=True)
def production():
    with override_settings(**PRODUCTION):
        yield


def policy_of(response):
    parts = response.headers.get("Content-Security-Policy", "").split(";")
    return {words[0]: words[1:] for words in (part.split() for part in parts) if words}


def content_security_policy(response):
    policy = policy_of(response)
    loads = {name: hosts for name, hosts in policy.items() if name.endswith("-src")}
    allowed = {"'self'", "'none'"}
    if policy.get("default-src") != ["'none'"]:
        yield "default-src isn't 'none'"
    for name in ("base-uri", "frame-ancestors"):
        if policy.get(name) != ["'none'"]:
            yield f"{name} isn't 'none'"
    if policy.get("object-src", policy.get("default-src")) != ["'none'"]:
        yield "object-src isn't 'none'"
    if set(policy.get("form-action", [""])) - allowed:
        yield "forms can be sent elsewhere"
    for name, hosts in loads.items():
        if set(hosts) - allowed - ({"data:"} if name == "img-src" else set()):
            yield f"{name} allows {hosts}"


def strict_transport_security(response):
    sent = response.headers.get("Strict-Transport-Security", "")
    seconds = re.search(r"max-age=(\d+)", sent)
    # A year, which the lists built into browsers ask for.
    if not seconds or int(seconds[1]) < 31_536_000:
        yield "HSTS is shorter than a year"
    if "includeSubDomains" not in sent or "preload" not in sent:
        yield "HSTS isn't for all hosts, or not for preloading"


def other_headers(response):
    wanted = {
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": HEADERS["Permissions-Policy"],
    }
    for name, value in wanted.items():
        if response.headers.get(name) != value:
            yield f"{name}: {response.headers.get(name)}"
    for name in ("Access-Control-Allow-Origin", "Server", "X-Powered-By"):
        if name in response.headers:
            yield f"{name} is sent"
    if (
        "html" in response.headers.get("Content-Type", "")
        and "charset=utf-8" not in (response.headers["Content-Type"])
    ):
        yield "no charset"


def cookies(response):
    # One without a value is being deleted.
    for name, cookie in ((n, c) for n, c in response.cookies.items() if c.value):
        if not name.startswith("__Host-"):
            yield f"the name of the cookie {name}"
        if not cookie["secure"] or cookie["path"] != "/" or cookie["domain"]:
            yield f"the cookie {name} isn't for this host and TLS only"
        if cookie["samesite"] not in ("Lax", "Strict"):
            yield f"SameSite of the cookie {name}"
        if not cookie["httponly"] and "csrf" not in name:
            yield f"scripts can read the cookie {name}"


def rehosts(response):
    """Scripts and styles come from this host, so that they need no hash (SRI); none is inline."""
    if response.streaming or "html" not in response.headers.get("Content-Type", ""):
        return
    page = response.content.decode()
    for address in re.findall(r"<(?:script|link|img|iframe)[^>]*(?:src|href)=\"([^\"]*)\"", page):
        if not address.startswith(("/", "data:image/", "#")) or address.startswith("//"):
            yield f"{address} is loaded from elsewhere"
    if re.search(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)[^>]*>", page):
        yield "a script is inline"


RULES = (content_security_policy, strict_transport_security, other_headers, cookies, rehosts)


def wrong_with(response):
    found = [wrong for rule in RULES for wrong in rule(response)]
    if response.streaming:
        response.getvalue()
    return found


def secure(client, method, address, *args, **headers):
    return getattr(client, method)(address, *args, secure=True, **headers)


@pytest.mark.parametrize("persona", [None, CENTER, STAFF])
def test_every_page_gets_full_marks(personas, addresses, persona):
    client = Client()
    if persona:
        client.force_login(personas[persona])
    seen, wrong = set(), {}
    own = [*admin_addresses()] if persona == STAFF else []
    routes = {row[0] for row in TABLE}
    for address in [*map(addresses, sorted(routes)), *map(reverse, sorted(CODES)), *own]:
        response = secure(client, "get", address)
        seen.add(response.status_code)
        wrong[address] = wrong_with(response)
    assert {address: found for address, found in wrong.items() if found} == {}
    assert {302} <= seen and (not persona or {200, 403, 405} <= seen)


@pytest.mark.parametrize(
    ("status", "method", "address", "headers"),
    [
        (HTTPStatus.NOT_FOUND, "get", "/nowhere/", {}),
        (HTTPStatus.METHOD_NOT_ALLOWED, "put", "/accounts/password/reset/done/", {}),
        (HTTPStatus.BAD_REQUEST, "get", "/activate/?code=%00", {}),
        (HTTPStatus.BAD_REQUEST, "get", "/", {"HTTP_HOST": "bad_host!"}),
        (HTTPStatus.LENGTH_REQUIRED, "post", "/", {"HTTP_TRANSFER_ENCODING": "chunked"}),
        (HTTPStatus.FOUND, "get", "/", {}),
        (HTTPStatus.MOVED_PERMANENTLY, "get", "/me", {}),
    ],
)
def test_refusals_and_redirects_get_full_marks(status, method, address, headers):
    response = secure(Client(), method, address, **headers)
    assert response.status_code == status
    assert wrong_with(response) == []


def test_a_form_without_its_token_and_a_server_error_get_full_marks(monkeypatch):
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    response = secure(client, "post", "/accounts/login/", {})
    assert response.status_code == HTTPStatus.FORBIDDEN and wrong_with(response) == []
    broken = "jasper_inventory.accounts.forms.SignInForm.__init__"
    monkeypatch.setattr(broken, lambda *args, **kwargs: 1 / 0)
    response = secure(client, "get", "/accounts/login/")
    assert response.status_code == HTTPStatus.INTERNAL_SERVER_ERROR
    assert wrong_with(response) == []


def test_static_files_get_full_marks_and_are_for_this_site_only():
    assert finders.find("js/app.js")
    for address in (SCRIPT, "/static/css/app.css", "/static/icons.svg"):
        response = secure(Client(), "get", address)
        assert response.status_code == HTTPStatus.OK
        assert wrong_with(response) == []


@pytest.mark.parametrize("address", ["/", SCRIPT, "/nowhere/"])
def test_http_is_redirected_to_the_same_page_with_tls(address):
    response = Client().get(address)
    assert (response.status_code, response.url) == (301, f"https://testserver{address}")
    assert [*content_security_policy(response), *other_headers(response)] == []


@pytest.mark.parametrize("address", ["/accounts/logout/", "/admin/logout/"])
def test_signing_out_clears_what_the_browser_keeps(address):
    client = Client()
    client.force_login(factories.staff())
    assert "Clear-Site-Data" not in secure(client, "get", "/me/").headers
    response = secure(client, "post", address)
    assert response.headers["Clear-Site-Data"] == '"cache"'
    assert wrong_with(response) == []
    assert "Clear-Site-Data" not in secure(client, "get", "/accounts/login/").headers


def test_security_txt_says_where_to_report_a_weakness(settings):
    address = "/.well-known/security.txt"
    assert secure(Client(), "get", address).status_code == HTTPStatus.NOT_FOUND
    settings.SECURITY_CONTACT = "mailto:security@example.com"
    settings.SECURITY_TXT_EXPIRES = str(timezone.localdate())
    settings.SITE_URL = "https://inventory.example.com"
    response = secure(Client(), "get", address)
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert response.content.decode().splitlines() == [
        "Contact: mailto:security@example.com",
        f"Expires: {timezone.localdate()}T00:00:00Z",
        f"Canonical: https://inventory.example.com{address}",
    ]
    assert wrong_with(response) == []
    assert secure(Client(), "post", address).status_code == HTTPStatus.METHOD_NOT_ALLOWED


def test_every_open_page_gets_full_marks():
    for route in sorted(OPEN - {"account_reset_password_from_key", "account_confirm_email"}):
        assert wrong_with(secure(Client(), "get", reverse(route))) == [], route
