"""Functions in the database, for acts of several statements that many people do at once.

PostgreSQL plans their statements once per connection, and they travel to it as one. Their
conditions are those of querysets, so each rule has one definition. A migration installs a function
(see `installs`). If its code or a queryset changes, a test asks for another such migration.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.migrations import RunPython
from django.db.models import Model, QuerySet
from django.db.models.expressions import RawSQL

ModelT = TypeVar("ModelT", bound=Model)


@dataclass(frozen=True, kw_only=True)
class Function:
    """A function of the database in PL/pgSQL: its arguments, among them OUT, and its body."""

    name: str
    arguments: str
    body: str
    # Such as SECURITY DEFINER, for what the site's own role may not do itself.
    options: str = ""

    @property
    def statement(self) -> str:
        """The statement that creates it, which replaces an earlier one."""
        return (
            f"DROP FUNCTION IF EXISTS {self.name};"
            f" CREATE FUNCTION {self.name}({self.arguments}) LANGUAGE plpgsql"
            f" {self.options} AS $${self.body}$$"
        )


def argument(name: str) -> Any:
    """Return an argument of the function as a value for the filters of a queryset."""
    return RawSQL(name, ())


def where(rows: QuerySet[Any]) -> str:
    """Return the conditions of a queryset of one table as SQL."""
    sql, values = rows.query.get_compiler(DEFAULT_DB_ALIAS).compile(rows.query.where)
    with connection.cursor() as cursor:
        return cast(bytes, cursor.mogrify(sql, values)).decode()


def exists(rows: QuerySet[Any]) -> str:
    """Return the condition that a queryset has rows as SQL."""
    sql, values = rows.order_by().values("pk").query.sql_with_params()
    with connection.cursor() as cursor:
        return f"EXISTS ({cast(bytes, cursor.mogrify(sql, values)).decode()})"


def installs(function: Callable[[], Function]) -> RunPython:
    """Return the operation of a migration that installs a function as it is now."""
    return RunPython(
        lambda _apps, editor: editor.execute(function().statement, None),
        lambda _apps, editor: editor.execute(f"DROP FUNCTION IF EXISTS {function().name}"),
    )


class Row(Generic[ModelT]):
    """A row among the results of a function, and which of its fields are read."""

    def __init__(
        self, model: type[ModelT], result: str, fields: Collection[str] | None = None
    ) -> None:
        self._model = model
        read = [f for f in model._meta.concrete_fields if fields is None or f.name in fields]
        self._names = [field.attname for field in read]
        self.columns = [f"({result}).{field.column}" for field in read]

    def read(self, results: Iterator[Any]) -> ModelT:
        """Take its columns from the results, and return it."""
        values = [next(results) for _name in self._names]
        return self._model.from_db(DEFAULT_DB_ALIAS, self._names, values)


def call(function: str, results: Iterable[str], *arguments: Any) -> tuple[Any, ...]:
    """Call a function that writes, and return its results."""
    values = ", ".join(["%s"] * len(arguments))
    with connection.cursor() as cursor:
        # The history gives its context to all statements but those that begin with SELECT.
        cursor.execute(
            f"/* writes */ SELECT {', '.join(results)} FROM {function}({values})", arguments
        )
        return cast(tuple[Any, ...], cursor.fetchone())
