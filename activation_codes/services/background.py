"""What all long work on an order's codes has in common: its size, its progress, and canceling it.

The work has a row while it isn't finished. Deleting the row cancels the work.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django.db.models import Model

from activation_codes.services.codes import Progress

# About a second of work; more codes are created and written in the background.
MOST_AT_ONCE = 20_000


class CanceledError(Exception):
    """The work was canceled meanwhile."""


@contextmanager
def progress_of(row: Model, field: str) -> Iterator[Progress]:
    """Yield a function that shows the progress to others. It raises CanceledError.

    It uses a connection of its own, because nobody sees what the transaction of the work writes
    before its end.
    """
    table = row._meta.db_table
    others = connection.copy()

    def report(done: int) -> None:
        with others.cursor() as cursor:
            cursor.execute(f"UPDATE {table} SET {field} = %s WHERE id = %s", [done, row.pk])
            stop_unless(cursor.rowcount == 1)

    try:
        yield report
    finally:
        others.close()


def stop_unless(is_pending: bool) -> None:
    """Raise CanceledError if the row of the work is gone."""
    if not is_pending:
        raise CanceledError
