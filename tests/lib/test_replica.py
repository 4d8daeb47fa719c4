"""Without a replica, which is the default, nothing is added to a request.

How one is read: tests/machines/test_replica.py.
"""

import pytest
from django.conf import settings
from django.test import RequestFactory

from jasper_inventory.lib import replica
from jasper_inventory.lib.cookies import cookie_name

pytestmark = pytest.mark.skipif(
    replica.REPLICA in settings.DATABASES, reason="DATABASE_REPLICA_URL is set"
)


def test_nothing_is_added_without_a_replica(client, db, django_assert_num_queries):
    assert settings.DATABASE_ROUTERS == []
    assert not [name for name in settings.MIDDLEWARE if "replica" in name]
    client.post("/accounts/login/", {})
    assert cookie_name(replica.COOKIE) not in client.cookies

    with django_assert_num_queries(0):
        view = replica.reads_replica(lambda request: replica.source())
        assert view(RequestFactory().get("/")) == "default"
        assert replica.reads_replica_now(replica.source)() == "default"
        assert replica.check_replica() == []
