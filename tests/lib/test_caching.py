"""A site whose cache has no table yet works, without what the cache would keep."""

import pytest
from django.core.cache import caches
from django.db import connection
from django.test import Client

from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)
CACHE = {
    "BACKEND": "jasper_inventory.lib.caching.DatabaseCache",
    "LOCATION": "cache",
}


@pytest.fixture
def without_table(settings):
    settings.CACHES = {"default": CACHE}
    assert "cache" not in connection.introspection.table_names()


def test_people_sign_in_and_are_not_sent_emails_without_a_limit(without_table, client, admin):
    admin.user.set_password(factories.PASSWORD)
    admin.user.save()
    typed = {"login": admin.user.username, "password": factories.PASSWORD}
    assert client.post("/accounts/login/", typed)["Location"] == "/"

    refused = Client().post("/accounts/password/reset/", {"email": "nobody@example.com"})
    assert refused.status_code == 429


def test_a_cache_without_a_table_keeps_nothing(without_table):
    cache = caches["default"]
    cache.set("a", 1)
    assert cache.add("a", 1) is False
    assert cache.get("a") is None
    assert "a" not in cache
    assert cache.delete("a") is False
    cache.delete_many(["a"])
    cache.clear()
