"""Large results are kept by the database, not by this process."""

import pytest
from django.db import connection

from jasper_inventory.lib.streams import streamed

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
