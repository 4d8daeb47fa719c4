"""Lists of the admin read few rows, whatever they are filtered, searched or sorted by.

Every list that is registered is opened in a large inventory, with every filter, column and page
that it offers. Times would depend on the machine; the numbers of rows that are read don't.
"""

import json
import re

import pytest
from django.contrib import admin
from django.db import connection
from django.http import QueryDict
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import resolve

from activation_codes.models import ActivationCode, Redemption
from jasper_inventory.accounts import admin_filters
from jasper_inventory.accounts.models import Invitation, LogEntry, Membership, Notice, User
from jasper_inventory.accounts.people_admin import PeopleAdmin
from jasper_inventory.demo.large import loader
from jasper_inventory.lib import admin_lists, admin_search, pagination
from jasper_inventory.lib.admin import ServiceAdmin
from jasper_inventory.lib.searches import keep_search
from licenses.models import Alert, Enrollment, LicenseRequest, Order
from renewals.models import RenewalRequest
from tests import admin_pages as ui
from tests import factories
from tests.plans import copy, nodes

pytestmark = pytest.mark.django_db

ORDERS, CODES, STUDENTS = 4_000, 8_000, 8_000
SIZE = loader.Size(organizations=100, orders=ORDERS, codes=CODES, students=STUDENTS)
# How many rows are counted, found and shown, instead of ten times as many.
MOST_COUNTED, MOST_FOUND, PER_PAGE = 200, 25, 5
# What a query may read of a table, or sort, to find them: most lists contain older rows of
# finished school years, too.
MOST_READ = 2_500

# With session, user and permissions.
MOST_QUERIES = 9

LARGE = {
    *(User, Membership, Invitation, Notice, LogEntry),
    *(Order, LicenseRequest, RenewalRequest, Alert),
    *(ActivationCode, Enrollment, Redemption),
}
TABLES = {model._meta.db_table for model in LARGE}
MENTIONED = re.compile("|".join(TABLES))
# By name: why they stay small.
SMALL = {
    "auth.group": "only CCI staff",
    "accounts.tally": "attempts are forgotten after a day",
    "accounts.organization": "shows a level of the tree; a hundredth of the orders",
    "accounts.erasurerequest": "one of a few people",
    "licenses.alertrun": "one a day",
    "licenses.productfamily": "what CCI sells",
    "licenses.product": "what CCI sells",
    "jobs.job": "finished ones are deleted after JOB_DAYS",
    "jobs.scheduledrun": "two a day",
}
VARIED = {
    "kind": "left(original.kind || n % 3, 10)",
    "role": "1 + n % 2",
    "email": "'person' || n || '@example.org'",
    "address": "'person' || n || '@example.org'",
    "subject": "'Order ' || n",
    "token_hash": "'hash' || n",
    "event": "'event ' || n",
    "sent_at": "CASE WHEN n % 100 > 0 THEN now() END",
    "last_error": "CASE WHEN n % 200 = 0 THEN 'Refused' ELSE '' END",
}


@pytest.fixture
def large_inventory(db):
    """An inventory of thousands of rows, with what only a site in use has."""
    filled = [model._meta.db_table for model in (Alert, LogEntry, Notice, Invitation)]
    with connection.cursor() as cursor:
        # Before anything changes, because autovacuum may hold a table and wait for that.
        cursor.execute(f"LOCK TABLE {', '.join(filled)} IN ACCESS EXCLUSIVE MODE")
    loader.load(SIZE, seed=1)
    order, person = Order.objects.first(), User.objects.first()
    alert = Alert.objects.create(order=order, kind="burst", mark="new", students=1)
    kinds = "(ARRAY['students', 'burst', 'seats', 'ending'])[1 + n % 4]"
    orders = f"original.order_id - n % {ORDERS}"
    copy(alert, ORDERS, VARIED | {"kind": kinds, "mark": "'mark ' || n", "order_id": orders})
    entry = LogEntry.objects.create(kind="view", action="people.viewed", actor=person)
    copy(entry, ORDERS, VARIED | {"kind": "original.kind", "address": "NULL"})
    copy(Notice.objects.create(kind="kind", address="a@example.org", subject="x"), ORDERS, VARIED)
    invitation = Invitation(organization=order.assigned_to, role=2, email="a@example.org")
    invitation.invited_by, invitation.expires_at = person, alert.raised_at
    invitation.save()
    organizations = "(ARRAY(SELECT id FROM accounts_organization))[1 + n % 100]"
    copy(invitation, ORDERS, VARIED | {"organization_id": organizations})
    with connection.cursor() as cursor:
        # Other tests' rows, though rolled back, are still in the indexes, and change the plans.
        for table in filled:
            cursor.execute(f"REINDEX TABLE {table}")
        cursor.execute("ANALYZE")
        # The transaction that made an index doesn't use it where it changed rows before.
        cursor.execute("UPDATE pg_index SET indcheckxmin = false WHERE indcheckxmin")
        # Larger tables wouldn't be read whole, nor joined whole.
        for plan in ("seqscan", "hashjoin", "mergejoin"):
            cursor.execute(f"SET LOCAL enable_{plan} = off")
    return order


@pytest.fixture
def boss(large_inventory, monkeypatch):
    """A superuser, who sees all lists."""
    for module in (pagination, admin_lists, admin_filters):
        monkeypatch.setattr(module, "MOST_COUNTED", MOST_COUNTED)
    for module in (admin_search, admin_lists):
        monkeypatch.setattr(module, "MOST_FOUND", MOST_FOUND)
    monkeypatch.setattr(ServiceAdmin, "list_per_page", PER_PAGE)
    return factories.person("boss", is_staff=True, is_superuser=True)


def offered(site, model):
    """The queries in the addresses that a list links to, the list itself first."""
    page = ui.page(site.get(ui.url(model, "changelist")))
    sorts = [link.get("href") for link in page.cssselect("#result_list thead a")]
    backward = [link.replace("o=", "o=-").replace("o=--", "o=") for link in sorts]
    filters = [link.get("href") for link in page.cssselect("#changelist-filter a")]
    last = [link.get("href") for link in page.cssselect(".paginator a.end")]
    return dict.fromkeys(["?", *sorts, *backward, *filters, *last])


def opened(boss, model, query, typed=""):
    """The list as the view makes it for an address, before it is rendered, and its queries."""
    request = RequestFactory().get(ui.url(model, "changelist") + query)
    request.user, request.session = boss, {}
    request.resolver_match = resolve(request.path)
    model_admin = admin.site.get_model_admin(model)
    if typed:
        is_kept = isinstance(model_admin, PeopleAdmin)
        request.GET = QueryDict(mutable=True)
        request.GET["q"] = keep_search(request, typed) if is_kept else typed
    with CaptureQueriesContext(connection) as queries:
        answer = model_admin.changelist_view(request)
    assert answer.status_code == 200, (model, query)
    return queries.captured_queries


def work_of(query):
    """What a query reads or sorts too much of, as (what, number of rows)."""
    # Past the wrappers of Django's cursor: the query is complete.
    with connection.connection.cursor() as cursor:
        cursor.execute("EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) " + query)
        (plan,) = cursor.fetchone()
    plan = json.loads(plan) if isinstance(plan, str) else plan
    for node in nodes(plan[0]["Plan"]):
        kind = node["Node Type"]
        removed = node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Join Filter", 0)
        rows = (node["Actual Rows"] + removed) * node["Actual Loops"]
        if node.get("Relation Name") in TABLES and rows > MOST_READ:
            yield f"{kind} of {node['Relation Name']}", rows
        if kind == "Sort":
            (sorted_node,) = node["Plans"]
            if sorted_node["Actual Rows"] * sorted_node["Actual Loops"] > MOST_READ:
                yield "Sort", sorted_node["Actual Rows"]


def reads(queries):
    """The queries of a page that read rows of a large table, without those that write."""
    for query in queries:
        sql = query["sql"].lstrip(" (")
        if sql.startswith(("SELECT", "WITH")) and "INSERT" not in sql and MENTIONED.search(sql):
            yield query["sql"]


def test_every_list_is_known_to_be_large_or_to_stay_small():
    others = {model._meta.label_lower for model in admin.site._registry if model not in LARGE}
    assert others == set(SMALL)


def queries_by_rows(site, model, monkeypatch):
    """The numbers of queries of a page of a list with a few rows, and with more."""
    numbers = []
    for rows in (PER_PAGE, 4 * PER_PAGE):
        monkeypatch.setattr(ServiceAdmin, "list_per_page", rows)
        with CaptureQueriesContext(connection) as queries:
            page = site.get(ui.url(model, "changelist"))
        assert len(page.context["cl"].result_list) == rows
        numbers.append(len(queries))
    return numbers


def test_pages_of_large_lists_read_few_rows_in_few_queries(
    large_inventory, boss, sign_in, monkeypatch
):
    site, wrong, number = sign_in(boss), {}, 0
    words = ["nguyen", "olivia nguyen", "zzqx", "ng", "school academy", str(large_inventory.number)]
    for model in sorted(LARGE, key=lambda model: model._meta.label):
        few, many = queries_by_rows(site, model, monkeypatch)
        assert few == many <= MOST_QUERIES, model
        monkeypatch.setattr(ServiceAdmin, "list_per_page", PER_PAGE)
        searches = words if admin.site.get_model_admin(model).search_fields else ()
        pages = [
            *((query, "") for query in offered(site, model)),
            *(("", word) for word in searches),
        ]
        for query, typed in pages:
            number += 1
            for sql in reads(opened(boss, model, query, typed)):
                if found := list(work_of(sql)):
                    wrong[model._meta.label, query or typed, sql[:300]] = found
    assert number > 150
    assert wrong == {}, "\n".join(f"{where}: {found}" for where, found in wrong.items())
