"""The rights of the site's role in the database, which doesn't own the tables.

It reads and writes all of them, except that the activity log can only grow and that it can't
change the schema. Erasing a person and retention pass through functions of the owner.
"""

from collections.abc import Iterator

from django.db import IntegrityError, ProgrammingError, connection, transaction
from psycopg2 import sql

from jasper_inventory.accounts.functions import erase_from_log, trim_log
from jasper_inventory.accounts.models import LogEntry

# Tables of which the site's role can't change or delete rows, and one that only `migrate` writes.
_APPEND_ONLY = (LogEntry._meta.db_table,)
_READ_ONLY = ("django_migrations",)
_RIGHTS = "SELECT, INSERT, UPDATE, DELETE"


def statements(role: str) -> list[str]:
    """Return the statements that give a role the rights of the site, in the current schema."""
    with connection.cursor() as cursor:
        name = sql.Identifier(role).as_string(cursor.cursor)
        cursor.execute("SELECT quote_ident(current_schema())")
        (schema,) = cursor.fetchone()
    return [statement.format(role=name, schema=schema) for statement in _statements()]


def _statements() -> Iterator[str]:
    yield "GRANT USAGE ON SCHEMA {schema} TO {role}"
    yield f"GRANT {_RIGHTS} ON ALL TABLES IN SCHEMA {{schema}} TO {{role}}"
    # Importing orders sets the next order number.
    yield "GRANT USAGE, SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA {schema} TO {role}"
    # Tables of later migrations have rights before the first `grant_rights` after them.
    for kind, rights in (("TABLES", _RIGHTS), ("SEQUENCES", "USAGE, SELECT, UPDATE")):
        yield (
            f"ALTER DEFAULT PRIVILEGES IN SCHEMA {{schema}} GRANT {rights} ON {kind} TO {{role}}"
        )
    for table in _APPEND_ONLY:
        yield f"REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM {{role}}"
    for table in _READ_ONLY:
        yield f"REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON {table} FROM {{role}}"
    for function in (erase_from_log(), trim_log()):
        yield f"REVOKE EXECUTE ON FUNCTION {function.name} FROM PUBLIC"
        yield f"GRANT EXECUTE ON FUNCTION {function.name} TO {{role}}"


def grant(role: str) -> None:
    """Give a role of the database server the rights of the site."""
    with connection.cursor() as cursor:
        for statement in statements(role):
            cursor.execute(statement)


def create(role: str) -> None:
    """Create a role that can sign in without a password, if it is missing: on the own server."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(role)))
    except (ProgrammingError, IntegrityError):
        # It exists. All databases share it, and another one may be migrated at this moment.
        return


def can_change_log() -> bool:
    """Return whether the role of this connection could change or delete entries of the log."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT bool_or(has_table_privilege(%s, of)) FROM unnest(%s) AS of",
            [LogEntry._meta.db_table, ["UPDATE", "DELETE", "TRUNCATE"]],
        )
        (can,) = cursor.fetchone()
    return bool(can)
