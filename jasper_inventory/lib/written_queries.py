"""Queries whose SQL is written once.

Django needs longer to write the query of a list's rows than the database to answer it. Between two
readers only values differ, so such a query is written with blanks for them.
"""

from collections.abc import Mapping
from copy import copy
from typing import Any, Generic, TypeVar

from django.db import connections
from django.db.models import BooleanField, F, Func, QuerySet, Value
from django.db.models.sql.compiler import SQLCompiler

Row = TypeVar("Row")

# Blanks for the reader's organization, for the keys of a page, and for one key: numbers that no row
# has.
READER, KEYS, ONE = (987_654_321_000_000_000 + blank for blank in (1, 2, 3))


def is_among_keys(column: str) -> Func:
    """Return the condition that a column has one of the keys, which are a list for `KEYS`."""
    return Func(
        F(column),
        Value(KEYS),
        template="%(expressions)s)",
        arg_joiner=" = ANY(",
        output_field=BooleanField(),
    )


class WrittenQuery(Generic[Row]):
    """A query with blanks. Its conditions must not depend on the values for them otherwise."""

    def __init__(self, rows: QuerySet[Any, Row]) -> None:
        self._rows = rows
        self._compiler = rows.query.get_compiler(rows.db)
        self._sql, self._values = self._compiler.as_sql()

    def read(self, values: Mapping[int, object]) -> list[Row]:
        """Return the rows with these values for the blanks."""
        rows = self._rows.all()
        filled = tuple(
            values.get(each, each) if isinstance(each, int) else each for each in self._values
        )
        compiler = _Filled(self._compiler, rows.db, self._sql, filled)
        # Only this queryset object is changed.
        rows.query.get_compiler = lambda *_args, **_kwargs: compiler  # type: ignore[method-assign]
        return list(rows)


class _Filled(SQLCompiler):
    """Sends SQL that another compiler has written, and reads its rows in the same way."""

    def __init__(
        self, writer: SQLCompiler, using: str, sql: str, values: tuple[object, ...]
    ) -> None:
        self.__dict__ |= vars(copy(writer)) | {"using": using, "connection": connections[using]}
        self._written = sql, values

    def as_sql(self, *_args: Any, **_options: Any) -> Any:
        return self._written
