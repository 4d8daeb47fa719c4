"""Writing many rows quickly: without triggers and foreign key checks, indexes afterwards."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.db import connection
from django.db.models import Model

# Sizes for a session that loads and indexes; they end with the transaction.
SETTINGS = {
    "maintenance_work_mem": "1GB",
    "max_parallel_maintenance_workers": "2",
    "work_mem": "256MB",
    "synchronous_commit": "off",
}
# The indexes of tables, apart from primary keys, with what makes them anew.
INDEXES = """
SELECT indrelid::regclass::text, indexrelid::regclass::text, conname,
       pg_get_indexdef(indexrelid), pg_get_constraintdef(pg_constraint.oid)
FROM pg_index
LEFT JOIN pg_constraint ON conindid = indexrelid AND contype = 'u'
WHERE indrelid = ANY (%s::regclass[]) AND NOT indisprimary
ORDER BY indexrelid
"""


@contextmanager
def without_indexes(models: Iterable[type[Model]]) -> Iterator[None]:
    """Drop the indexes of these models and their history, and make them at the end.

    Triggers and foreign keys are off in between: the caller writes the history too, and only rows
    that exist are referenced.
    """
    tables = [name for model in models for name in _tables_of(model)] + ["pghistory_context"]
    with connection.cursor() as cursor:
        for name, value in SETTINGS.items():
            cursor.execute(f"SET LOCAL {name} = '{value}'")
        cursor.execute("SET LOCAL session_replication_role = replica")
        # First of all: autovacuum, which may hold a table, would wait for our changes to it.
        cursor.execute(f"LOCK TABLE {', '.join(tables)} IN ACCESS EXCLUSIVE MODE")
        cursor.execute(INDEXES, [tables])
        indexes = cursor.fetchall()
        for table, index, constraint, _index, _constraint in indexes:
            if constraint:
                cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{constraint}"')
            else:
                cursor.execute(f"DROP INDEX {index}")
        yield
        for table, _name, constraint, index, definition in indexes:
            if constraint:
                cursor.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{constraint}" {definition}')
            else:
                cursor.execute(index)
        cursor.execute("SET LOCAL session_replication_role = origin")


@contextmanager
def model_defaults(models: Iterable[type[Model]]) -> Iterator[None]:
    """Let the database fill columns that the caller doesn't write with their fields' defaults.

    A new field with a default, or one that may be empty, needs no change here. The defaults are
    dropped at the end, as a migration that adds a field does it.
    """
    columns = [
        (f'ALTER TABLE {model._meta.db_table} ALTER COLUMN "{name}"', default)
        for model in models
        for name, default in defaults_of(model).items()
    ]
    with connection.cursor() as cursor:
        for column, default in columns:
            cursor.execute(f"{column} SET DEFAULT %s", [default])
        yield
        for column, _default in columns:
            cursor.execute(f"{column} DROP DEFAULT")


def defaults_of(model: type[Model]) -> dict[str, Any]:
    """Return the default of each column whose field has one that the database doesn't know."""
    found = {
        field.column: connection.schema_editor().effective_default(field)
        for field in model._meta.local_concrete_fields
        if field.column and not (field.primary_key or field.generated or field.has_db_default())
    }
    return {column: default for column, default in found.items() if default is not None}


def _tables_of(model: type[Model]) -> list[str]:
    events = getattr(model, "pgh_event_models", {}).values()
    return [model._meta.db_table, *{event._meta.db_table for event in events}]


def write(cursor: Any, table: str, columns: str, lines: Iterable[str]) -> None:
    """COPY lines into a table."""
    names = ", ".join(columns.split())
    cursor.copy_expert(f"COPY {table} ({names}) FROM STDIN", Lines(lines))


def write_with_copies(
    cursor: Any, table: str, columns: str, lines: Iterable[str], copies: Mapping[str, str]
) -> None:
    """COPY lines into a table that copies columns of a row's person, as its trigger would."""
    names = ", ".join(columns.split())
    cursor.execute(
        f"CREATE TEMPORARY TABLE loading ON COMMIT DROP AS SELECT {names} FROM {table} WITH NO DATA"
    )
    write(cursor, "loading", columns, lines)
    copied = ", ".join(f"person.{of_person}" for of_person in copies.values())
    cursor.execute(
        f"INSERT INTO {table} ({names}, {', '.join(copies)}) SELECT loading.*, {copied}"
        " FROM loading JOIN accounts_user person ON person.id = user_id ORDER BY loading.id"
    )
    cursor.execute("DROP TABLE loading")


class Lines:
    """A file that COPY reads while its lines are generated."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = iter(lines)
        self._rest = b""

    def read(self, size: int = 8192) -> bytes:
        """Return at most this number of bytes; none at the end."""
        parts, length = [self._rest], len(self._rest)
        for line in self._lines:
            part = line.encode()
            parts.append(part)
            length += len(part)
            if length >= size:
                break
        read = b"".join(parts)
        self._rest = read[size:]
        return read[:size]
