"""Reading the result of one large statement, a few rows at a time.

Only here does the database keep rows until they are read, and only inside a transaction: behind
PgBouncer, the next statement may run on another connection, which doesn't have them. Django's own
`iterator()` reads all rows at once: see `DISABLE_SERVER_SIDE_CURSORS` in the settings.
"""

from collections.abc import Generator, Iterator, Sequence
from typing import Any

from django.db import connections, transaction
from django.db.models import QuerySet

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


def in_parts(rows: QuerySet[Any, Any], size: int) -> Generator[Any, None, None]:
    """Yield the rows of a queryset, of which `size` are read at once."""
    with transaction.atomic(using=rows.db, savepoint=False):
        # What `iterator()` does for databases that may keep rows; the stubs leave it out.
        yield from rows._iterator(True, size)  # type: ignore[attr-defined]
