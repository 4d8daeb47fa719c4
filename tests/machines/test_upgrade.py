"""Data of the last release survive `migrate`, and its processes can continue meanwhile.

`tests/upgrade/` has a dump of the demo of that release. The next release replaces it, with
`pg_dump --no-owner --no-privileges`, compressed with xz.
"""

import lzma
from contextlib import closing
from pathlib import Path

import pytest
from django.conf import settings
from psycopg2 import sql

from jasper_inventory.devserver import postgres
from tests import servers, sites

pytestmark = pytest.mark.commits
[DUMP] = (Path(settings.BASE_DIR) / "tests" / "upgrade").glob("demo-*.sql.xz")
# What `migrate` itself writes.
OWN = {"django_migrations", "django_content_type", "auth_permission", "auth_group_permissions"}
COLUMNS = """
    SELECT table_name, column_name, is_nullable = 'NO' AND column_default IS NULL
        AND is_identity = 'NO' AND is_generated = 'NEVER'
    FROM information_schema.columns JOIN pg_tables ON tablename = table_name
    WHERE table_schema = 'public' AND schemaname = 'public'
"""


def columns(base):
    """The columns of all tables, and those of them that every INSERT has to name."""
    with closing(servers.connect(base)) as database, database.cursor() as cursor:
        cursor.execute(COLUMNS)
        rows = cursor.fetchall()
    return {row[:2] for row in rows}, {row[:2] for row in rows if row[2]}


def counts(base, tables):
    """The number of rows of each of the tables."""
    with closing(servers.connect(base)) as database, database.cursor() as cursor:
        found = {}
        for table in tables:
            cursor.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table)))
            (found[table],) = cursor.fetchone()
        return found


@pytest.fixture(scope="module")
def upgraded(tmp_path_factory):
    """A server with the data of the last release after `migrate`, and how it was before."""
    with servers.cleared_up(tmp_path_factory.mktemp("upgrade") / "site") as base:
        postgres.start(base)
        servers.load(base, lzma.decompress(DUMP.read_bytes()))
        before = columns(base)
        rows = counts(base, {table for table, _column in before[0]})
        sites.manage(environment(base), "migrate", "--verbosity", "0")
        yield base, before, rows


def test_the_first_migrate_needs_no_special_rights(upgraded):
    """Only the right to its own database, as an operator gives it."""
    base, _before, _rows = upgraded
    with closing(servers.connect(base)) as database, database.cursor() as cursor:
        database.autocommit = True
        cursor.execute("CREATE ROLE plain_owner LOGIN")
        cursor.execute("CREATE ROLE plain_site LOGIN")
        cursor.execute("CREATE DATABASE plain OWNER plain_owner")
    plain = sites.url_of(postgres.database(base), NAME="plain", USER="plain_owner")

    sites.manage(
        sites.environment(plain, DATABASE_SITE_ROLE="plain_site"), "migrate", "--verbosity", "0"
    )


def environment(base):
    return sites.environment(sites.url_of(postgres.database(base)))


def test_nothing_is_lost(upgraded):
    base, _before, rows = upgraded
    after = counts(base, rows)

    assert sum(rows.values()) > 5_000
    assert {name: (rows[name], after[name]) for name in rows if after[name] < rows[name]} == {}
    assert all(rows[name] == after[name] for name in rows if name.startswith("licenses_"))


def test_everything_is_counted_and_copied_as_before(upgraded):
    base, _before, _rows = upgraded

    assert "All counters are correct." in sites.manage(environment(base), "check_inventory")


def test_people_sign_in_and_find_their_orders(upgraded):
    base, _before, _rows = upgraded
    with sites.web_servers(environment(base)) as [site]:
        visitor = sites.Visitor()
        visitor.sign_in(site, "kim.williams", "jasper-demo")
        page = visitor.get(f"{site}/inventory/")

    assert page.status == 200 and "Tolano Adventures" in page.text
    assert len(page.html.cssselect("table.inventory tbody tr")) >= 4


def test_processes_of_the_last_release_can_continue(upgraded):
    """They read every column that they know, and write rows without the new ones."""
    base, (known, _required), _rows = upgraded
    now, required = columns(base)
    tables = {table for table, _column in known}

    assert known - now == set()
    assert {one for one in required - known if one[0] in tables} == set()
