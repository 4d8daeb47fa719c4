"""docs/scale.md: on which of several servers each table would be, and what that needs.

A table that isn't in the page, a new constraint between servers, or a page that asks all servers
makes these tests fail, so that it's a decision.
"""

import re

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.functional import partition

from tests.isolation.responses import addresses, opened, session_of

pytestmark = pytest.mark.django_db

PAGE = settings.BASE_DIR / "docs" / "scale.md"
MAIN, EVERYWHERE, BRANCH = "main", "everywhere", "branch"
# The columns of which one says whose order a row belongs to. An event has that of its row.
PARTS = {"order_id", "code_id", "enrollment_id", "from_order_id", "workbook_id"}
# Keys that lead from one branch's order to another order, which may be elsewhere after a move.
BETWEEN_ORDERS = {
    "parent_id",
    "renewal_of_id",
    "forwarded_as_id",
    "from_order_id",
    "to_order_id",
    "new_order_id",
}
# Never deleted, so no row can refer to one that is gone.
KEPT_FOREVER = {"accounts_user", "licenses_teachercode", "licenses_groupkey", "pghistory_context"}
# Unique among all servers: a sequence gives the numbers, and the page says what finds a code.
UNIQUE_EVERYWHERE = {
    ("licenses_order", ("number",)),
    ("activation_codes_activationcode", ("code",)),
}
KEYS = """
SELECT conrelid::regclass::text, contype, confrelid::regclass::text, (
    SELECT array_agg(attname::text ORDER BY attnum) FROM pg_attribute
    WHERE attrelid = conrelid AND attnum = ANY (conkey)
) FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype IN ('f', 'u')
"""
# What a query of one branch compares with a value: an order, what belongs to one, or its holder.
ORDER = "order|parent|renewal_of|forwarded_as|from_order|to_order|new_order|enrollment|code|teacher"
HOLDER = "assigned_to|distributor|reseller|hub|supplier|requested_by_organization|requested_to"
PARTS_OF = "licenses|renewals|activation_codes"
ONE_BRANCH = re.compile(
    rf'"(?:(?:{ORDER}|{HOLDER}|teacher_code|pgh_obj)_id|number|(?:{PARTS_OF})_\w+"."id)"'
    r"\)? (?:= (?:ANY\(ARRAY\[)?|IN \(+)\d|\"path\"::text LIKE '\d|INSERT INTO"
)
# What belongs to one person is gathered from all branches.
OF_ONE_PERSON = {"/courses/", "/me/", "/me/download/"}


def kept():
    """The tables of the page: {table: its servers}. A name may end with a wildcard."""
    rows = re.findall(r"^\| `(\w+)` \| (.+) \|$", PAGE.read_text(), re.MULTILINE)
    tables = connection.introspection.table_names()
    found = {}
    for servers, cell in rows:
        for pattern in re.findall(r"`([\w*]+)`", cell):
            matching = re.compile(pattern.replace("*", r"\w*"))
            hits = [table for table in tables if matching.fullmatch(table)]
            assert hits, pattern
            for table in hits:
                assert table not in found, (table, servers, found[table])
                found[table] = servers
    return found


@pytest.fixture
def constraints():
    with connection.cursor() as cursor:
        cursor.execute(KEYS)
        keys, unique = partition(lambda row: row[1] == "u", cursor.fetchall())
    return [(row[0], row[2], row[3]) for row in keys], [(row[0], row[3]) for row in unique]


def test_every_table_is_in_the_page_once():
    found = kept()
    managed = {model._meta.db_table for model in apps.get_models() if model._meta.managed}

    assert set(found.values()) == {MAIN, EVERYWHERE, BRANCH}
    assert managed - found.keys() - {"pghistory_events"} == set()


def test_every_row_of_a_branch_belongs_to_one_order():
    for table in (table for table, servers in kept().items() if servers == BRANCH):
        with connection.cursor() as cursor:
            described = connection.introspection.get_table_description(cursor, table)
        required = {column.name for column in described if not column.null_ok}
        parts = {"pgh_obj_id"} if table.endswith("event") else PARTS
        assert table == "licenses_order" or required & parts, table


def test_no_foreign_key_leads_to_another_server(constraints):
    servers = kept()
    keys, _unique = constraints
    between = set()
    for table, other, columns in keys:
        if servers[other] == EVERYWHERE or servers[table] == servers[other] == MAIN:
            continue
        assert servers[table] == BRANCH, (table, other)
        if servers[other] == MAIN:
            assert other in KEPT_FOREVER, (table, other)
        elif columns[0] not in PARTS or columns[0] in BETWEEN_ORDERS:
            between.update(columns)
    # Those within one order too: a student's teacher, what replaced a code, who has it.
    assert between == BETWEEN_ORDERS | {"teacher_id", "replacement_id", "handout_id"}


def test_no_rule_of_uniqueness_spans_servers(constraints):
    servers = kept()
    _keys, unique = constraints
    spanning = {
        (table, tuple(columns))
        for table, columns in unique
        if servers[table] == BRANCH
        and not set(columns) & (PARTS | BETWEEN_ORDERS | {"replacement_id"})
    }
    assert spanning == UNIQUE_EVERYWHERE


@pytest.mark.parametrize("persona", ["D", "H1", "C1"])
def test_every_page_asks_one_branch(world, persona):
    client = session_of(world, persona)
    tables = [table for table, servers in kept().items() if servers == BRANCH]
    of_branch = re.compile(rf'"(?:{"|".join(tables)})"')
    numbers = [world.numbers[persona][kind] for kind in ("own", "codes", "requested")]
    read = 0
    for address in sorted(set(addresses(numbers, opened=True)) - OF_ONE_PERSON):
        with CaptureQueriesContext(connection) as captured:
            opened(client, address)
        for query in captured.captured_queries:
            if of_branch.search(query["sql"]):
                read += 1
                assert ONE_BRANCH.search(query["sql"]), (address, query["sql"])
    assert read > 30


def test_a_join_or_a_search_alone_is_no_branch():
    """Otherwise the check above could not fail."""
    joined = '"licenses_enrollment"."order_id" = ("licenses_order"."id")'
    searched = '"licenses_order"."compact_purchase_order" LIKE \'%77%\''
    assert not ONE_BRANCH.search(f"{joined} WHERE {searched}")
