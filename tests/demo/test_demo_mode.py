"""The demo runs as the product does: its own error pages, compressed and cacheable files."""

import os
import re
import subprocess
import sys

import pytest
from django.conf import settings
from django.test import Client

from jasper_inventory.lib.site import server_error
from tests.pages import parsed, text

ENVIRONMENT = {
    "DEMO": "1",
    "DEBUG": "1",
    "SECRET_KEY": "k" * 50,
    "DATABASE_URL": "postgres://localhost/x",
}


def python(code, **environment):
    """Return the output of a program that starts with the settings of this environment."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=settings.BASE_DIR,
        env={**os.environ, **ENVIRONMENT, **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


SHOW = (
    "from jasper_inventory import settings as s;"
    "print(s.DEBUG, s.ALLOWED_HOSTS, s.SECURE_SSL_REDIRECT, s.SECURE_HSTS_SECONDS,"
    " s.EMAIL_BACKEND.split('.')[-2], s.STORAGES['staticfiles']['BACKEND'].split('.')[-1])"
)


def test_the_demo_is_not_in_debug_whatever_its_env_file_says():
    shown = python(SHOW)

    assert shown == "False ['*'] False 0 filebased CompressedManifestStaticFilesStorage"


def test_without_the_demo_debug_is_as_before():
    assert python(SHOW, DEMO="0") == "True ['*'] False 0 filebased StaticFilesStorage"


def broken(request):
    raise RuntimeError("planted")


def test_an_error_shows_the_sites_own_page_without_details(admin, monkeypatch, settings, db):
    settings.DEBUG = False
    client = Client(raise_request_exception=False)
    client.force_login(admin.user)
    monkeypatch.setattr("jasper_inventory.accounts.middleware.ActiveRoleMiddleware._active", broken)
    response = client.get("/")

    assert response.status_code == 500
    page = parsed(response)
    assert text(page.cssselect("h1")[0]) == "Something went wrong"
    assert page.cssselect("link[rel=stylesheet]")
    assert b"planted" not in response.content


def test_the_error_page_needs_no_database(django_db_blocker):
    with django_db_blocker.block():
        assert server_error(None).status_code == 500


@pytest.fixture(scope="module")
def collected(tmp_path_factory):
    """A folder with static files as the demo collects them."""
    folder = tmp_path_factory.mktemp("demo") / "static"
    code = (
        "import django; django.setup();"
        "from jasper_inventory.demo.management.commands.run_demo import collect_static as c;"
        "import time; a = time.monotonic(); c(); b = time.monotonic(); c();"
        "print(b - a, time.monotonic() - b)"
    )
    seconds = python(
        code, STATIC_ROOT=str(folder), DJANGO_SETTINGS_MODULE="jasper_inventory.settings"
    )
    return folder, [float(one) for one in seconds.split()]


def test_static_files_are_compressed_and_cached_for_good(collected):
    folder, _seconds = collected
    code = (
        "import django; django.setup(); from django.test import Client;"
        "from django.templatetags.static import static;"
        "address = static('css/app.css');"
        "r = Client().get(address, headers={'accept-encoding': 'gzip'}); b''.join(r);"
        "print(address, r.status_code, r['Content-Encoding'], r['Cache-Control'])"
    )
    shown = python(
        code, STATIC_ROOT=str(folder), DJANGO_SETTINGS_MODULE="jasper_inventory.settings"
    )

    address, rest = shown.split(" ", 1)
    assert re.fullmatch(r"/static/css/app\.[0-9a-f]{12}\.css", address)
    assert rest == "200 gzip max-age=315360000, public, immutable"


def test_a_second_start_collects_nothing(collected):
    _folder, (_first, second) = collected

    assert second < 0.5
