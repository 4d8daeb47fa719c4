"""Settings that protect a site: TLS to the database, former keys, the admin's address."""

import importlib
import os
import subprocess
import sys

import pytest
from django.conf import settings as django_settings
from django.contrib import admin
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.urls import clear_url_caches, reverse

from jasper_inventory import urls
from jasper_inventory.accounts import email_verification
from jasper_inventory.lib.form_recovery import OWNER, signed_owner
from jasper_inventory.lib.tls import require_tls
from tests import factories

PRODUCTION = {"DEBUG": "0", "DEMO": "0", "SECRET_KEY": "x" * 60}


def started(**environment):
    """Read the settings as a new process does; return what it said."""
    done = subprocess.run(
        [sys.executable, "-c", "from jasper_inventory import settings as s; print(s.ADMIN_PATH)"],
        cwd=django_settings.BASE_DIR,
        env={**os.environ, **PRODUCTION, **environment},
        capture_output=True,
        text=True,
    )
    return done.stdout + done.stderr


@pytest.mark.parametrize("name", ["DATABASE_URL", "DATABASE_REPLICA_URL"])
def test_a_database_on_another_machine_needs_tls_unless_it_is_waived(name):
    far = {"DATABASE_URL": "postgres://localhost/x", name: "postgres://db.example.com/x"}
    assert "DATABASE_TLS_WAIVED=1" in started(**far)
    assert started(**far, DATABASE_TLS_WAIVED="1") == "admin/\n"
    assert started(**{**far, name: f"{far[name]}?sslmode=verify-full"}) == "admin/\n"


@pytest.mark.parametrize(
    "host", ["", "/run/postgresql", "localhost", "127.0.0.1", "127.8.0.1", "::1", "[::1]"]
)
def test_sockets_and_loopback_need_no_tls(host):
    require_tls({"HOST": host})


@pytest.mark.parametrize("host", ["db", "10.0.0.5", "localhost.example.com", "localhost,db", "::2"])
@pytest.mark.parametrize("mode", [None, "disable", "allow", "prefer"])
def test_other_hosts_need_a_mode_that_never_falls_back(host, mode):
    with pytest.raises(ImproperlyConfigured):
        require_tls({"HOST": host, "OPTIONS": {"sslmode": mode} if mode else {}})
    require_tls({"HOST": host, "OPTIONS": {"sslmode": "require"}})


@pytest.mark.django_db
def test_a_new_secret_key_ends_nothing_while_the_former_one_is_a_fallback(settings):
    kim, former = factories.person("kim"), settings.SECRET_KEY
    kim.set_password(factories.PASSWORD)
    kim.save()
    site = Client()
    site.post("/accounts/login/", {"login": "kim", "password": factories.PASSWORD})
    form, link = signed_owner(kim, None), email_verification.token_for(kim, "kim@example.net")
    browser = site.cookies["browser"].value

    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "n" * 60, [former]
    assert site.get("/me/").status_code == 200
    assert site.post("/email-alerts/", {OWNER: form}).status_code == 302
    assert email_verification.confirmed_by(link, kim) == "kim@example.net"
    # The browser is still known: it gets no new cookie.
    site.get("/accounts/login/")
    assert site.cookies["browser"].value == browser

    # What was used meanwhile is signed with the new key.
    settings.SECRET_KEY_FALLBACKS = []
    assert site.get("/me/").status_code == 200
    assert email_verification.confirmed_by(link, kim) is None


def links_to_former(page):
    return '"/admin/' in page.content.decode()


@pytest.mark.django_db
def test_the_admin_has_the_address_of_the_setting(settings, staff, monkeypatch):
    settings.ADMIN_PATH = "desk/"
    try:
        importlib.reload(urls)
        clear_url_caches()
        site = Client()
        site.force_login(staff)
        assert reverse("admin:index") == "/desk/"
        page = site.get("/desk/")
        assert page.status_code == 200 and not links_to_former(page)
        assert site.get("/admin/").status_code == 404
        assert not links_to_former(site.get("/desk/accounts/user/"))
        assert not links_to_former(site.get("/me/"))
    finally:
        settings.ADMIN_PATH = "admin/"
        importlib.reload(urls)
        clear_url_caches()
    assert admin.site.urls and reverse("admin:index") == "/admin/"
