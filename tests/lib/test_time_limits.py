"""A time limit for queries."""

import pytest
from django.db import OperationalError, connection, transaction

from jasper_inventory.lib.time_limits import TookTooLong, time_limit

pytestmark = pytest.mark.django_db(transaction=True)


def sleep(seconds):
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(%s)", [seconds])


def limit():
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        return cursor.fetchone()[0]


def test_a_query_that_takes_longer_ends():
    with pytest.raises(TookTooLong), time_limit(0.05):
        sleep(5)


def test_the_limit_ends_with_the_block():
    before = limit()
    with time_limit(7):
        assert limit() == "7s"
    assert limit() == before
    with transaction.atomic():
        with time_limit(7):
            pass
        assert limit() == before
        with pytest.raises(TookTooLong), time_limit(0.05):
            sleep(5)
        assert limit() == before


def test_another_error_stays_what_it_is():
    with pytest.raises(OperationalError), time_limit(5), connection.cursor() as cursor:
        cursor.execute("DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = 'disk_full'; END $$")
