"""The site through PgBouncer in transaction mode, where a connection keeps nothing.

Every statement outside of a transaction may run in another connection of the server. The whole
suite can run this way: docs/developers.md.
"""

import io
from zipfile import ZipFile

import pytest
from django.db import connection

from jasper_inventory.lib.background import MOST_AT_ONCE
from jasper_inventory.support.integrity import differences
from licenses.models import Enrollment
from tests import factories, sites
from tests.machines import pgbouncer

pytestmark = pytest.mark.django_db(transaction=True)
WORKER = ("db_worker", "--batch")


@pytest.fixture(scope="module")
def pooled(django_db_setup):
    """The environment of processes that reach the database through PgBouncer."""
    own = connection.settings_dict
    with pgbouncer.in_front_of(own) as other:
        # Also if the whole suite runs this way.
        yield sites.environment(sites.url_of(own, **other))


@pytest.fixture(scope="module")
def site(pooled):
    with sites.web_servers(pooled) as (server,):
        yield server


def test_signing_in_listing_creating_downloading_and_redeeming(site, pooled, ann):
    order = factories.order(
        factories.CODES, assigned_to=ann.organization, number_of_codes=MOST_AT_ONCE + 1
    )
    visitor = sites.Visitor()
    assert visitor.sign_in(site, "ann", factories.PASSWORD).url == f"{site}/"
    assert str(order.number) in visitor.get(f"{site}/inventory/").text
    assert visitor.get(f"{site}/transfers/").status == 200

    address = f"{site}/inventory/{order.number}/codes/"
    visitor.send(visitor.get(address), "/codes/create/")
    sites.manage(pooled, *WORKER)
    visitor.get(f"{address}download/")
    sites.manage(pooled, *WORKER)
    workbook = visitor.get(f"{address}download/")
    with ZipFile(io.BytesIO(workbook.content)) as file:
        assert file.read("xl/worksheets/sheet1.xml").count(b"<row ") == MOST_AT_ONCE + 2

    student = factories.person("sam")
    sites.set_password(student, factories.PASSWORD)
    learner = sites.Visitor()
    learner.sign_in(site, "sam", factories.PASSWORD)
    offer = learner.send(
        learner.get(f"{site}/activate/"), "/activate/", code=order.activation_codes.first().code
    )
    taken = learner.send(offer, "/activate/take/")
    assert taken.status == 200
    assert Enrollment.objects.get(order=order).user == student


def test_searching_people_keeps_its_time_limit_to_itself(site, pooled, ann):
    visitor = sites.Visitor()
    visitor.sign_in(site, "ann", factories.PASSWORD)
    found = visitor.send(visitor.get(f"{site}/people/"), "/people/", typed="Pat")

    assert "ann" in found.text
    assert sites.python(pooled, CONNECTIONS.format(names=["statement_timeout"])) == ["4s"]


# The settings of several connections of the server.
CONNECTIONS = """
from django.db import connections
found = set()
for alias in range(5):
    other = connections["default"].copy()
    with other.cursor() as cursor:
        for name in {names}:
            cursor.execute("SHOW " + name)
            found.add(cursor.fetchone()[0])
    other.close()
result = sorted(found)
"""


def test_pages_have_the_limits_that_connections_have_elsewhere(pooled):
    names = ["lock_timeout", "idle_in_transaction_session_timeout", "statement_timeout"]
    assert sites.python(pooled, CONNECTIONS.format(names=names)) == ["1min", "3s", "4s"]


def test_batch_work_has_longer_ones_which_end_with_it(pooled):
    limit = """
from django.db import connection
from jasper_inventory.lib.time_limits import batch_work
result = []
def look():
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        result.append(cursor.fetchone()[0])
with batch_work():
    look()
look()
"""
    assert sites.python(pooled, limit) == ["1h", "4s"]


def test_the_planner_tries_as_few_orders_of_joining_as_elsewhere(pooled):
    limit = """
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute("SHOW join_collapse_limit")
    result = cursor.fetchone()[0]
"""
    assert sites.python(pooled, limit) == "4"


def test_commands_run(pooled, ann):
    factories.order(assigned_to=ann.organization)

    assert ann.organization.name in sites.manage(pooled, "inventory_report")
    assert "All counters are correct." in sites.manage(pooled, "check_inventory")
    assert "Alerts raised" in sites.manage(pooled, "send_alerts")
    assert differences() == []
