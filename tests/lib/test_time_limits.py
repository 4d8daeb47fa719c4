"""A time limit for queries."""

from contextlib import closing

import pytest
from django.db import OperationalError, connection, transaction

from jasper_inventory.accounts.models import Organization
from jasper_inventory.lib.streams import in_parts
from jasper_inventory.lib.time_limits import TookTooLong, batch_work, time_limit

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


LIMITS = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")


def limits():
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(f'current_setting({name!r})' for name in LIMITS)}")
        return cursor.fetchone()


def test_batch_work_has_longer_limits_in_and_out_of_transactions():
    before, longer = limits(), ("1h", "1min", "15min")
    assert before != longer
    with batch_work():
        assert limits() == longer
        with transaction.atomic():
            assert limits() == longer
            list(Organization.objects.iterator())
            assert limits() == longer
        with batch_work():
            assert limits() == longer
        assert limits() == longer
    assert limits() == before


def test_a_connection_that_batch_work_loses_is_an_error_of_the_database():
    """Workers wait for the database then, and pages say that it is away."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid = cursor.fetchone()
    try:
        with batch_work(), pytest.raises(OperationalError), transaction.atomic():
            other = connection.copy()
            with closing(other), other.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(%s, 5000)", pid)
            limits()
    finally:
        connection.close()


def test_batch_work_inside_of_a_transaction_leaves_its_limits_as_they_were():
    before = limits()
    with transaction.atomic():
        with batch_work():
            assert limits() != before
        assert limits() == before
    assert limits() == before


def test_batch_work_reads_rows_in_parts_and_writes_many():
    with batch_work():
        people = [*in_parts(Organization.objects.all(), 1)]
        Organization.objects.bulk_update(people, ["name"])
        with connection.cursor() as cursor:
            cursor.executemany("SELECT %s", [[1], [2]])
            cursor.execute("VACUUM accounts_organization")
