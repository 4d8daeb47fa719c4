"""Large results are kept by the database, not by this process."""

import pytest
from django.db import connection

from jasper_inventory.accounts.models import User
from jasper_inventory.lib.streams import in_parts, streamed
from tests import factories

pytestmark = pytest.mark.django_db


def value(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()[0]


def test_the_database_keeps_the_rows_until_they_are_read():
    rows = streamed("SELECT n, %s FROM generate_series(1, 5000) AS n", ["x"])

    assert next(rows) == (1, "x")
    assert value("SELECT count(*) FROM pg_cursors WHERE statement LIKE '%%generate_series(1, %%'")
    assert [n for n, _x in rows] == [*range(2, 5001)]
    assert value("SELECT count(*) FROM pg_cursors WHERE name LIKE '%%django%%'") == 0


@pytest.mark.django_db(transaction=True)
def test_its_settings_end_with_it():
    before = value("SHOW work_mem")
    rows = streamed("SELECT current_setting('work_mem')")

    assert [*rows] == [("256MB",)]
    assert value("SHOW work_mem") == before


@pytest.mark.django_db(transaction=True)
def test_rows_are_kept_inside_a_transaction_only():
    """Behind PgBouncer, the next statement may run on another connection."""
    for number in range(3):
        factories.person(f"person{number}")
    kept = "SELECT count(*) FROM pg_cursors WHERE name LIKE '%%django%%'"
    rows = in_parts(User.objects.order_by("pk"), 2)

    next(rows)
    assert (connection.in_atomic_block, value(kept)) == (True, 1)
    assert len([*rows]) == User.objects.count() - 1
    assert (connection.in_atomic_block, value(kept)) == (False, 0)


def test_djangos_own_iterators_leave_no_rows_in_the_database():
    """Libraries use them outside of transactions, such as to sign in by an email address."""
    factories.person("kim")
    rows = User.objects.iterator(1)

    next(rows)
    assert value("SELECT count(*) FROM pg_cursors WHERE name LIKE '%%django%%'") == 0
