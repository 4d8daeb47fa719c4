"""Reading lists, reports and exports from a replica of the database, if there is one.

Everything else reads the primary: see docs/decisions/0014-reading-from-a-replica.md. Without
DATABASE_REPLICA_URL, this module does nothing.
"""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from itertools import islice
from typing import Any, ParamSpec, TypeVar

from django.conf import settings
from django.core import checks
from django.db import DEFAULT_DB_ALIAS, Error, connections
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from psycopg2.errors import SerializationFailure

from jasper_inventory.lib.cookies import cookie_name

P = ParamSpec("P")
R = TypeVar("R")

REPLICA = "replica"
# The signed cookie of a browser that has changed something: the position of its last change in
# the primary's log. It needn't live longer than a replica may lag behind.
COOKIE = "changed"
_SALT = "lib.replica"
_COOKIE_SECONDS = 3600
# Apps and models that are read from the primary, whoever asks.
_ON_PRIMARY = {"auth", "contenttypes", "django_cache", "accounts.session"}
# How long a report waits for the replica to have everything that was committed before.
_WAIT_SECONDS = 2.0
_PAUSE_SECONDS = 0.05

# Whether the replica can be read, and whether it has what a reader must see. One that doesn't
# receive the log would show old data to everyone; one that has all that it received may not have
# heard of a change for hours.
_STATE = """
    SELECT pg_is_in_recovery()
        AND EXISTS (SELECT FROM pg_stat_wal_receiver)
        AND (
            pg_last_wal_replay_lsn() = pg_last_wal_receive_lsn()
            OR pg_last_xact_replay_timestamp() > now() - make_interval(secs => %s)
        ),
        pg_last_wal_replay_lsn() >= %s
"""
# Every log position is at or after it.
_START = "0/0"

logger = logging.getLogger(__name__)

_is_reading: ContextVar[bool] = ContextVar("is_reading", default=False)
# Until when this process leaves the replica alone, in the seconds of `time.monotonic`.
_resting = {"until": 0.0}


def read_alias() -> str:
    """Return the alias of the database that is read now.

    A transaction on the primary reads there what it will change.
    """
    if _is_reading.get() and not connections[DEFAULT_DB_ALIAS].in_atomic_block:
        return REPLICA
    return DEFAULT_DB_ALIAS


class ReplicaRouter:
    """Django's database router: it writes to the primary, and reads as `read_alias` says."""

    def db_for_read(self, model: type[Model], **hints: Any) -> str:
        names = {model._meta.app_label, model._meta.label_lower}
        return DEFAULT_DB_ALIAS if names & _ON_PRIMARY else read_alias()

    def db_for_write(self, model: type[Model], **hints: Any) -> str:
        return DEFAULT_DB_ALIAS

    def allow_relation(self, obj1: Model, obj2: Model, **hints: Any) -> bool:
        # Rows of both databases are the same rows.
        return True

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        return db == DEFAULT_DB_ALIAS


class ReplicaMiddleware:
    """After a form was sent, remember in the browser how far the replica must be."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.method not in ("GET", "HEAD", "OPTIONS"):
            response.set_signed_cookie(
                cookie_name(COOKIE),
                _written(),
                salt=_SALT,
                max_age=_COOKIE_SECONDS,
                secure=settings.SESSION_COOKIE_SECURE,
                httponly=True,
                samesite="Lax",
            )
        return response


def reads_replica(view: Callable[P, R]) -> Callable[P, R]:
    """Decorator for a view that lists: a GET request reads the replica if that is recent enough.

    Recent enough is what has the last change of this browser. Permissions are checked by a
    decorator above this one. It may run twice, if the replica is lost.
    """

    @wraps(view)
    def viewed(*args: P.args, **kwargs: P.kwargs) -> R:
        if REPLICA not in settings.DATABASES:
            return view(*args, **kwargs)
        # A method of the admin has its request after `self`.
        request = next(arg for arg in args if isinstance(arg, HttpRequest))
        if request.method not in ("GET", "HEAD"):
            return view(*args, **kwargs)
        changed = request.get_signed_cookie(
            cookie_name(COOKIE), default=_START, salt=_SALT, max_age=_COOKIE_SECONDS
        )
        return _tried(view, _has(changed or _START), *args, **kwargs)

    return viewed


def reads_replica_now(report: Callable[P, R]) -> Callable[P, R]:
    """Decorator for a report or an export: it has everything that was committed when it began.

    It reads the replica only if that has all of it within a moment. It may run twice.
    """

    @wraps(report)
    def reported(*args: P.args, **kwargs: P.kwargs) -> R:
        # A transaction on the primary goes on reading there.
        if REPLICA not in settings.DATABASES or connections[DEFAULT_DB_ALIAS].in_atomic_block:
            return report(*args, **kwargs)
        return _tried(report, _catches_up(), *args, **kwargs)

    return reported


def streams_replica_now(report: Callable[P, Iterator[R]]) -> Callable[P, Iterator[R]]:
    """Decorator like `reads_replica_now`, for a report that yields rows while it reads.

    If the replica is lost after the first row, the report ends with an error: it can't begin
    again. Summing takes longer than reading the sums, so most of the time is before that row.
    """

    @wraps(report)
    def reported(*args: P.args, **kwargs: P.kwargs) -> Iterator[R]:
        first, rest = begun(*args, **kwargs)
        yield from first
        yield from rest

    @reads_replica_now
    def begun(*args: P.args, **kwargs: P.kwargs) -> tuple[list[R], Iterator[R]]:
        rows = report(*args, **kwargs)
        return [*islice(rows, 1)], rows

    return reported


def _tried(act: Callable[P, R], is_recent: bool, *args: P.args, **kwargs: P.kwargs) -> R:
    """Read the replica, or the primary if that isn't recent or is lost meanwhile."""
    if not is_recent:
        return act(*args, **kwargs)
    try:
        with _reading():
            return act(*args, **kwargs)
    except Error as error:
        if not connections[REPLICA].errors_occurred:
            raise
        # A replica cancels queries that keep it from replaying; it is not lost.
        _close(error, is_lost=not isinstance(error.__cause__, SerializationFailure))
    return act(*args, **kwargs)


@contextmanager
def _reading() -> Iterator[None]:
    token = _is_reading.set(True)
    try:
        yield
    finally:
        _is_reading.reset(token)


def _catches_up() -> bool:
    """Return whether the replica has all that was committed until now, after a short wait."""
    written, began = _written(), time.monotonic()
    while not _has(written):
        is_resting = time.monotonic() < _resting["until"]
        if is_resting or time.monotonic() - began > _WAIT_SECONDS:
            return False
        time.sleep(_PAUSE_SECONDS)
    return True


def _written() -> str:
    """Return the current end of the primary's log."""
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute("SELECT pg_current_wal_insert_lsn()")
        return str(cursor.fetchone()[0])


def _has(position: str) -> bool:
    """Return whether the replica can be read, and has replayed the log up to a position."""
    if time.monotonic() < _resting["until"]:
        return False
    try:
        with connections[REPLICA].cursor() as cursor:
            cursor.execute(_STATE, [settings.REPLICA_LONGEST_LAG, position])
            is_usable, is_there = cursor.fetchone()
    except Error as error:
        _close(error, is_lost=True)
        return False
    return bool(is_usable and is_there)


def _close(error: Exception, *, is_lost: bool) -> None:
    """Close the connection; leave a replica that is lost alone for a while."""
    connections[REPLICA].close()
    if is_lost:
        _resting["until"] = time.monotonic() + settings.REPLICA_RETRY_SECONDS
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        logger.warning("The replica can't be read, reading the primary: %s", reason)


def check_replica(**_options: Any) -> list[checks.CheckMessage]:
    """System check: whether the replica is one."""
    if REPLICA not in settings.DATABASES:
        return []
    try:
        with connections[REPLICA].cursor() as cursor:
            cursor.execute("SELECT pg_is_in_recovery()")
            (is_in_recovery,) = cursor.fetchone()
    except Error as error:
        reason = str(error).strip().splitlines()[0]
        text = f"The replica can't be reached, so the primary is read: {reason}"
        return [checks.Warning(text, id="replica.W001")]
    finally:
        connections[REPLICA].close()
    if is_in_recovery:
        return []
    return [
        checks.Warning(
            "The database of DATABASE_REPLICA_URL is not in recovery, so it isn't read.",
            hint="Name a streaming replica of DATABASE_URL's server, or leave the setting out.",
            id="replica.W002",
        )
    ]
