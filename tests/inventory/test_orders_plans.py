"""A supplier's inventory is read from indexes, whatever it is searched for or sorted by.

Times would depend on the machine; plans don't. The supplier has a tenth of the orders, so a plan
that reads all of them is chosen only where nothing better exists.
"""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from jasper_inventory.accounts.models import Level
from jasper_inventory.inventory.attention import NEEDS
from licenses.models import Order
from tests import factories
from tests.plans import analyze, copy, nodes, plans_of, scans_and_sorts

pytestmark = pytest.mark.django_db

OURS, OTHERS = 4_000, 40_000
VARIED = {
    "start_date": "current_date - 400 - n % 300",
    "finish_date": "current_date - 200 + n % 400",
    "is_active": "n % 50 > 0",
    "purchase_order": "'PO-' || n",
}
UNIQUE = ("number", "renewal_of", "forwarded_as")


@pytest.fixture
def distributor():
    """The administrator of a distributor with a tenth of many orders."""
    distributors = []
    for number in (OURS, OTHERS):
        distributor = factories.organization(level=Level.DISTRIBUTOR)
        center = factories.organization(parent=distributor)
        copy(factories.order(assigned_to=center), number, VARIED, without=UNIQUE)
        distributors.append(distributor)
    analyze(Order)
    return factories.member(distributors[0])


SEARCHES = [
    "",
    "page=100",
    *(f"sort={sign}{column}" for column in ("number", "start", "finish") for sign in ("", "-")),
    "sort=remaining",
    *(
        f"sort={sign}{column}"
        for column in ("purchase_order", "type", "has_renew_request", "was_renewed")
        for sign in ("", "-")
    ),
    "sort=finish&page=100",
    "status=available",
    "status=expired",
    "status=requested",
    "status=renewal",
    *(f"status={status}" for status in ("scheduled", "depleted", "suspended", "inactive")),
    "status=rejected",
    "status=withdrawn",
    "product=nothing",
    "product=family",
    "ends_from=2026-01-01&ends_to=2026-02-01",
    "assigned_by=us",
    "seats=nearly",
    "seats=full",
    "type=center",
    "type=codes",
    "scope=below",
    "seats=free",
    "seats=allocated",
    "seats=unlimited",
    "seats=resting",
    "ending=30",
    *(f"attention={need}" for need in NEEDS),
    "purchase_order=PO-777",
    "number=10001",
]


PAGES = ["/", "/overview/", *(f"/inventory/?{search}" for search in SEARCHES)]


def test_no_page_of_a_suppliers_inventory_reads_or_sorts_all_orders(distributor, sign_in):
    site = sign_in(distributor)
    wrong = {}
    for page in PAGES:
        with CaptureQueriesContext(connection) as queries:
            assert site.get(page).status_code == 200
        if found := scans_and_sorts(queries.captured_queries, [Order], OURS / 4):
            wrong[page] = found
    assert wrong == {}


def test_the_rows_of_a_drill_down_are_found_and_counted_in_its_index(distributor, sign_in):
    few = factories.order(assigned_to=distributor.organization)
    mix = Order.objects.get(pk=few.pk).mix
    site, used = sign_in(distributor), {}
    for search in ("status=expired", "type=center", "seats=allocated", f"mix={mix}"):
        with CaptureQueriesContext(connection) as queries:
            assert site.get(f"/inventory/?{search}").status_code == 200
        used[search.partition("=")[0]] = {
            node["Index Name"]
            for sql, plan in plans_of(queries.captured_queries, "licenses_order")
            for node in nodes(plan)
            if 'SELECT "licenses_order"."number" AS' in sql and node.get("Index Name")
        }

    assert used == {
        "status": {"orders_of_distributor_number"},
        "type": {"orders_of_distributor_number"},
        "seats": {"orders_of_distributor_parents"},
        "mix": {"orders_of_distributor_mix"},
    }


def test_license_distribution_reads_its_orders_once(distributor, sign_in):
    site = sign_in(distributor)
    child = Order.objects.filter(distributor=distributor.organization).latest("pk")
    for query in ("", "type=center", f"mix={child.mix}", f"at={child.assigned_to_id}"):
        with CaptureQueriesContext(connection) as queries:
            assert site.get(f"/inventory/where/?{query}").status_code == 200

        [(sql, plan)] = plans_of(queries.captured_queries, "licenses_order")

        tables = [node["Relation Name"] for node in nodes(plan) if "Relation Name" in node]
        assert tables == ["licenses_order"], sql
        assert scans_and_sorts(queries.captured_queries, [Order], OURS / 4) == []


def test_the_overview_reads_its_orders_and_looks_up_renewals_once(distributor, sign_in):
    site = sign_in(distributor)
    with CaptureQueriesContext(connection) as queries:
        assert site.get("/overview/").status_code == 200

    [plan] = [
        plan
        for sql, plan in plans_of(queries.captured_queries, "licenses_order")
        if "GROUPING SETS" in sql
    ]

    tables = [node["Relation Name"] for node in nodes(plan) if "Relation Name" in node]
    assert tables == ["licenses_order", "licenses_order"]
