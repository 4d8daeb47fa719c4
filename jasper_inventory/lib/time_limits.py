"""Time limits that the database keeps: for searches, and longer ones for batch work.

A connection has those of a page (settings.DATABASE_LIMITS). Others are set for a transaction, since
behind PgBouncer, the next transaction may run on another connection.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import partial, wraps
from typing import Any, ParamSpec, TypeVar

from django.conf import settings
from django.db import OperationalError, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg2.errors import QueryCanceled
from psycopg2.extensions import TRANSACTION_STATUS_IDLE

from jasper_inventory.lib.replica import read_alias

P = ParamSpec("P")
R = TypeVar("R")


class TookTooLong(Exception):
    """A query took longer than its limit."""


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Run queries in a transaction that ends when one of them takes longer.

    Raises TookTooLong then.
    """
    using = read_alias()
    is_nested = connections[using].in_atomic_block
    try:
        with transaction.atomic(using=using), connections[using].cursor() as cursor:
            before = _current(cursor, ["statement_timeout"]) if is_nested else {}
            cursor.execute(_set_locally({"statement_timeout": seconds}))
            yield
            if is_nested:
                # It would stay until the end of the transaction around this one.
                _restore(cursor, before)
    except OperationalError as error:
        if isinstance(error.__cause__, QueryCanceled):
            raise TookTooLong from error
        raise


@contextmanager
def batch_work(*, in_page: bool = False) -> Iterator[None]:
    """Give all transactions of this thread that begin meanwhile the limits of batch work.

    So does the one around it, until the block ends. Nobody who opens a page waits for a lock for as
    long as a command.
    """
    limits = dict(settings.BATCH_LIMITS)
    if in_page:
        del limits["lock_timeout"]
    with ExitStack() as stack:
        for database in connections.all():
            stack.enter_context(_limited(database, limits))
        yield


def set_batch_limits(cursor: Any) -> None:
    """Give a transaction on another connection than Django's own the limits of batch work."""
    cursor.execute(_set_locally(settings.BATCH_LIMITS))


def as_batch_work(act: Callable[P, R]) -> Callable[P, R]:
    """Decorator for what may take long in a page, too."""

    @wraps(act)
    def done(*args: P.args, **kwargs: P.kwargs) -> R:
        with batch_work(in_page=True):
            return act(*args, **kwargs)

    return done


@contextmanager
def _limited(database: BaseDatabaseWrapper, limits: Mapping[str, float]) -> Iterator[None]:
    if database.in_atomic_block:
        with database.cursor() as cursor:
            before = _current(cursor, limits)
            cursor.execute(_set_locally(limits))
            yield
            # After an error, the transaction is rolled back, which restores them.
            _restore(cursor, before)
    elif any(getattr(each, "func", None) is _with_limits for each in database.execute_wrappers):
        yield
    else:
        with database.execute_wrapper(partial(_with_limits, _set_locally(limits))):
            yield


def _with_limits(
    limits: str,
    execute: Callable[..., Any],
    sql: Any,
    params: Any,
    many: bool,
    context: dict[str, Any],
) -> Any:
    """Set the limits in the transaction that a statement begins, or is by itself."""
    database, cursor = context["connection"], context["cursor"]
    connection = database.connection
    if connection.info.transaction_status == TRANSACTION_STATUS_IDLE:
        if not connection.autocommit:
            # Errors of the driver's own cursor, such as a lost connection, would stay the driver's.
            with database.wrap_database_errors, connection.cursor() as first:
                first.execute(limits)
        elif not many and cursor.name is None and not sql.lstrip().startswith("VACUUM"):
            # Several statements that are sent together are one transaction, which VACUUM refuses.
            sql = f"{limits}; {sql}"
    return execute(sql, params, many, context)


def _set_locally(limits: Mapping[str, float]) -> str:
    return "; ".join(f"SET LOCAL {name} = {round(s * 1000)}" for name, s in limits.items())


def _current(cursor: Any, names: Any) -> dict[str, str]:
    names = list(names)
    shown = ", ".join(f"current_setting('{name}')" for name in names)
    cursor.execute(f"SELECT {shown}")
    return dict(zip(names, cursor.fetchone(), strict=True))


def _restore(cursor: Any, before: Mapping[str, str]) -> None:
    for name, value in before.items():
        cursor.execute("SELECT set_config(%s, %s, true)", [name, value])
