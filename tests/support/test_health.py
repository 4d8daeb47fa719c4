"""/healthz and /readyz: what each visitor learns about the state of the site."""

from datetime import timedelta

import pytest
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.utils import timezone

from jasper_inventory.accounts.emails import post_notice
from jasper_inventory.accounts.models import Notice
from licenses.models import AlertRun

pytestmark = pytest.mark.django_db
TOKEN = "a-token-of-the-monitoring"
PARTS = {"database", "migrations", "cache", "queue", "email", "alerts"}


@pytest.fixture
def parts(settings):
    """A function: the state of each part, as the monitoring reads it."""
    settings.HEALTH_TOKEN = TOKEN

    def read():
        answer = Client().get("/readyz", headers={"authorization": f"Bearer {TOKEN}"})
        return {name: part["status"] for name, part in answer.json()["parts"].items()}

    return read


def test_a_living_process_says_so_without_the_database(django_assert_num_queries, settings):
    settings.ALLOWED_HOSTS = ["inventory.example.com"]
    settings.SECURE_SSL_REDIRECT = True
    with django_assert_num_queries(0):
        answer = Client().get("/healthz", HTTP_HOST="10.0.0.11")
    assert (answer.status_code, answer.content) == (200, b"ok")


def test_visitors_learn_only_whether_it_is_ready(client, sign_in, admin, settings):
    settings.SECURE_SSL_REDIRECT = True
    for browser in (client, sign_in(admin)):
        answer = browser.get("/readyz")
        assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    wrong = client.get("/readyz", headers={"authorization": "Bearer "})
    assert wrong.json() == {"status": "ok"}


def test_cci_staff_and_the_monitoring_see_each_part(staff_site, parts):
    assert staff_site.get("/readyz").json()["parts"].keys() == PARTS
    assert parts().keys() == PARTS


def test_pending_migrations_make_it_unready(client, parts):
    assert parts()["migrations"] == "ok"
    MigrationRecorder.Migration.objects.filter(app="licenses").first().delete()

    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (503, {"status": "not ok"})
    assert parts()["migrations"] == "not ok"


def test_what_is_late_shows_but_pages_are_served(client, parts):
    AlertRun.objects.create(finished_at=timezone.now())
    post_notice(kind="test", address="a@example.com", subject="Late", text="")
    Notice.objects.update(sent_at=None)
    assert {parts()[name] for name in ("alerts", "email")} == {"ok"}

    AlertRun.objects.update(started_at=timezone.now() - timedelta(hours=26))
    Notice.objects.update(created_at=timezone.now() - timedelta(hours=2))
    assert {parts()[name] for name in ("alerts", "email")} == {"not ok"}
    assert client.get("/readyz").status_code == 200


def test_a_missing_table_of_the_cache_makes_it_unready(client, parts, settings):
    backend = "jasper_inventory.lib.caching.DatabaseCache"
    settings.CACHES = {"default": {"BACKEND": backend, "LOCATION": "cache"}}
    assert parts()["cache"] == "not ok"
    assert client.get("/readyz").status_code == 503
