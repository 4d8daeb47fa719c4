"""Every page: private ones stay in no cache, and unreadable requests are reported."""

import gzip
import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.test import Client

from tests import factories
from tests.pages import page_text


@pytest.mark.parametrize("address", ["/", "/inventory/", "/inventory/request/", "/nowhere/"])
def test_pages_of_signed_in_people_stay_in_no_cache(sign_in, admin, address):
    site = sign_in(admin)

    assert site.get(address)["Cache-Control"] == "no-store"
    assert "Cache-Control" not in Client().get(address)


def test_a_visitor_at_an_unknown_address_reads_nothing_about_roles(db):
    shown = page_text(Client().get("/nowhere/"))

    assert "Check it, or sign in and try again." in shown
    assert "current role" not in shown and "Back to your panel" not in shown


def test_a_visitor_who_looks_for_a_sign_up_reads_what_an_account_needs(db):
    shown = page_text(Client().get("/accounts/signup/"))

    assert "You need a code or an invitation to create an account." in shown
    assert "I have an activation code" in shown


def test_a_page_that_says_more_itself_keeps_what_it_says(sign_in, admin, center):
    order = factories.order(factories.CODES, assigned_to=center)
    factories.codes(order)

    response = sign_in(admin).get(f"/inventory/{order.number}/codes/download/")

    assert "no-store" in response["Cache-Control"]
    response.getvalue()


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/x-www-form-urlencoded; charset=utf-16", "a=b"),
        ("application/x-www-form-urlencoded", "&".join(f"a{n}=" for n in range(1001))),
        ("application/x-www-form-urlencoded", f"requester_comments={'x' * 3_000_000}"),
        ("multipart/form-data", "no boundary"),
    ],
)
def test_a_form_that_cannot_be_read_says_so(admin, kind, body):
    # As in browsers: the check of the form's token reads the form, too.
    site = Client(enforce_csrf_checks=True, raise_request_exception=False)
    site.force_login(admin.user)
    site.cookies["csrftoken"] = "x" * 32

    response = site.post("/inventory/request/", body, content_type=kind)

    assert response.status_code == (413 if len(body) > 2_500_000 else 400)
    assert "Nothing was saved" in page_text(response)


def test_a_host_that_is_not_ours_is_refused(db, settings):
    settings.ALLOWED_HOSTS = ["licenses.example.com"]

    response = Client().get("/accounts/login/", HTTP_HOST="evil.example")

    assert response.status_code == 400


def test_in_production_cookies_are_secure_and_of_this_host_alone():
    names = (
        "SESSION_COOKIE_NAME",
        "CSRF_COOKIE_NAME",
        "SESSION_COOKIE_SECURE",
        "CSRF_COOKIE_SECURE",
    )
    shown = (
        f"from jasper_inventory import settings; print(*(getattr(settings, n) for n in {names}))"
    )
    production = {"DEBUG": "0", "SECRET_KEY": "x" * 60, "DATABASE_URL": "postgres://localhost/none"}

    done = subprocess.run(
        [sys.executable, "-c", shown],
        cwd=settings.BASE_DIR,
        env={**os.environ, **production},
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.split() == ["__Host-sessionid", "__Host-csrftoken", "True", "True"]


def test_pages_are_compressed_with_a_random_length(sign_in, admin, center):
    factories.order(assigned_to=center)
    site = sign_in(admin)
    plain = site.get("/inventory/")

    packed = [site.get("/inventory/", headers={"accept-encoding": "gzip"}) for _ in range(8)]

    assert "Content-Encoding" not in plain
    assert "Accept-Encoding" in plain["Vary"]
    for response in packed:
        assert response["Content-Encoding"] == "gzip"
        assert "Accept-Encoding" in response["Vary"]
        assert "Cookie" in response["Vary"]
        assert int(response["Content-Length"]) == len(response.content)
        assert b"License Inventory</h1>" in gzip.decompress(response.content)
    # The name in the header of the compressed file, which ends with a zero byte.
    names = [response.content[10:].split(b"\0")[0] for response in packed]
    assert len({len(name) for name in names}) > 1


def test_error_pages_are_compressed_as_well(sign_in, admin):
    response = sign_in(admin).get("/nowhere/", headers={"accept-encoding": "gzip"})

    assert response.status_code == 404
    assert response["Content-Encoding"] == "gzip"


def test_workbooks_and_other_files_are_not_compressed_again(sign_in, admin, center):
    order = factories.order(factories.CODES, assigned_to=center)
    factories.codes(order)

    response = sign_in(admin).get(
        f"/inventory/{order.number}/codes/download/", headers={"accept-encoding": "gzip"}
    )

    assert "spreadsheet" in response["Content-Type"]
    assert "Content-Encoding" not in response
    response.getvalue()
