"""What all long work in the background has in common: its size, its progress, and canceling it.

The work has a row while it isn't finished. Deleting the row cancels the work.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias, TypeVar

from django.db import connection, transaction
from django.db.models import Model, QuerySet

# About a second of work; more codes and rows are created and written in the background.
MOST_AT_ONCE = 20_000

Progress: TypeAlias = Callable[[int], None]
Row = TypeVar("Row")


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


def reported(rows: Iterable[Row], progress: Progress, *, step: int) -> Iterator[Row]:
    """Yield rows, and call `progress` with their number so far, once in each step."""
    for number, row in enumerate(rows):
        if number % step == 0:
            progress(number)
        yield row


def stop_unless(is_pending: bool) -> None:
    """Raise CanceledError if the row of the work is gone."""
    if not is_pending:
        raise CanceledError


def drop_work(rows: QuerySet[Any]) -> int:
    """Delete rows of long work with all that belongs to them; return how many.

    They are locked, because a worker may finish one of them now.
    """
    with transaction.atomic():
        found = list(rows.select_for_update(of=("self",)).values_list("pk", flat=True))
        rows.model._default_manager.filter(pk__in=found).delete()
    return len(found)
