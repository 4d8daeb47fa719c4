"""A time limit for searches, which the database keeps."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import OperationalError, connection, transaction
from psycopg2.errors import QueryCanceled


class TookTooLong(Exception):
    """A query took longer than its limit."""


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Run queries in a transaction that ends when one of them takes longer.

    Raises TookTooLong then. Inside another transaction, the limit stays until that one ends.
    """
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL statement_timeout = %s", [round(seconds * 1000)])
            yield
    except OperationalError as error:
        if isinstance(error.__cause__, QueryCanceled):
            raise TookTooLong from error
        raise
