"""Reading the result of one large statement, a few rows at a time."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.db import connections, transaction

from jasper_inventory.lib.replica import read_alias

# For a statement that reads whole tables and sums them into few groups. PostgreSQL expects many
# groups, and would sort the rows to save memory, compile the statement for longer than it runs,
# and look for the first rows rather than for all.
_FOR_ALL_ROWS = """
    SET LOCAL work_mem = '256MB';
    SET LOCAL jit = off;
    SET LOCAL cursor_tuple_fraction = 1;
"""


def streamed(statement: str, values: Sequence[Any] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of a statement, which the database keeps until they are read."""
    using = read_alias()
    with transaction.atomic(using=using, savepoint=False):
        with connections[using].cursor() as cursor:
            cursor.execute(_FOR_ALL_ROWS)
        with connections[using].chunked_cursor() as cursor:
            cursor.execute(statement, values)
            yield from cursor
