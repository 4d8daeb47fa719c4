"""A supplier's inventory is read from indexes, whatever it is searched for or sorted by.

Times would depend on the machine; plans don't. The supplier has a tenth of the orders, so a plan
that reads all of them is chosen only where nothing better exists.
"""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from jasper_inventory.accounts.models import Level
from licenses.models import Order
from tests import factories

pytestmark = pytest.mark.django_db

OURS, OTHERS = 4_000, 40_000
# Past triggers, which would write as many rows of history.
COPY = """
SET LOCAL session_replication_role = replica;
INSERT INTO licenses_order ({columns}) SELECT {values} FROM licenses_order original
CROSS JOIN generate_series(1, %s) AS at WHERE original.id = %s;
SET LOCAL session_replication_role = origin;
"""
VARIED = {
    "start_date": "current_date - 400 - at % 300",
    "finish_date": "current_date - 200 + at % 400",
    "is_active": "at % 50 > 0",
    "purchase_order": "'PO-' || at",
}


def copy(order, times):
    """Make copies of an order with other dates and purchase orders."""
    fields = [
        field
        for field in Order._meta.concrete_fields
        if not field.generated and field.name not in ("id", "number", "renewal_of", "forwarded_as")
    ]
    columns = [field.column for field in fields]
    values = [VARIED.get(column, f"original.{column}") for column in columns]
    statement = COPY.format(columns=", ".join(columns), values=", ".join(values).replace("%", "%%"))
    with connection.cursor() as cursor:
        cursor.execute(statement, [times, order.pk])


@pytest.fixture
def distributor():
    """The administrator of a distributor with a tenth of many orders."""
    distributors = []
    for number in (OURS, OTHERS):
        distributor = factories.organization(level=Level.DISTRIBUTOR)
        center = factories.organization(parent=distributor)
        copy(factories.order(assigned_to=center), number)
        distributors.append(distributor)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE licenses_order")
    return factories.member(distributors[0])


def nodes(plan):
    yield plan
    for child in plan.get("Plans", ()):
        yield from nodes(child)


def plans_of(queries):
    """The plan of each query on orders, without running it."""
    for query in queries:
        if query["sql"].lstrip().startswith("SELECT") and "licenses_order" in query["sql"]:
            with connection.cursor() as cursor:
                cursor.execute("EXPLAIN (FORMAT JSON) " + query["sql"].replace("%", "%%"), [])
                (plan,) = cursor.fetchone()
            plan = json.loads(plan) if isinstance(plan, str) else plan
            yield query["sql"], plan[0]["Plan"]


SEARCHES = [
    "",
    "page=100",
    *(f"sort={sign}{column}" for column in ("number", "start", "finish") for sign in ("", "-")),
    "sort=remaining",
    "sort=finish&page=100",
    "status=available",
    "status=expired",
    "status=requested",
    "status=renewal",
    "type=center",
    "type=codes",
    "scope=below",
    "seats=free",
    "seats=resting",
    "ending=30",
    "purchase_order=PO-777",
    "number=10001",
]


def too_large(plan):
    """The parts of a plan that read all orders, or sort those of a supplier."""
    for node in nodes(plan):
        kind = node["Node Type"]
        scans = kind == "Seq Scan" and node["Relation Name"] == "licenses_order"
        sorts = kind == "Sort" and node["Plan Rows"] > OURS / 4
        if scans or sorts:
            yield kind


PAGES = ["/", *(f"/inventory/?{search}" for search in SEARCHES)]


def test_no_page_of_a_suppliers_inventory_reads_or_sorts_all_orders(distributor, sign_in):
    site = sign_in(distributor)
    wrong = {}
    for page in PAGES:
        with CaptureQueriesContext(connection) as queries:
            assert site.get(page).status_code == 200
        for sql, plan in plans_of(queries.captured_queries):
            for kind in too_large(plan):
                wrong[page] = (kind, sql[:200])
    assert wrong == {}


def test_license_distribution_reads_its_orders_once(distributor, sign_in):
    site = sign_in(distributor)
    child = Order.objects.filter(distributor=distributor.organization).latest("pk")
    for query in ("", "type=center", f"mix={child.mix}", f"at={child.assigned_to_id}"):
        with CaptureQueriesContext(connection) as queries:
            assert site.get(f"/inventory/where/?{query}").status_code == 200

        [(sql, plan)] = plans_of(queries.captured_queries)

        tables = [node["Relation Name"] for node in nodes(plan) if "Relation Name" in node]
        assert tables == ["licenses_order"], sql
        assert not list(too_large(plan)), sql
