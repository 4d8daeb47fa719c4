"""A time limit for searches, which the database keeps."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import OperationalError, connections, transaction
from psycopg2.errors import QueryCanceled

from jasper_inventory.lib.replica import source


class TookTooLong(Exception):
    """A query took longer than its limit."""


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Run queries in a transaction that ends when one of them takes longer.

    Raises TookTooLong then.
    """
    using = source()
    is_nested = connections[using].in_atomic_block
    try:
        with transaction.atomic(using=using), connections[using].cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = %s", [round(seconds * 1000)])
            yield
            if is_nested:
                # It would stay until the end of the transaction around this one.
                cursor.execute("SET LOCAL statement_timeout TO DEFAULT")
    except OperationalError as error:
        if isinstance(error.__cause__, QueryCanceled):
            raise TookTooLong from error
        raise
