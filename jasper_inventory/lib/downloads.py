"""A limit for downloads that are written at the same time, so that pages don't wait for them."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from enum import Enum
from functools import wraps
from http import HTTPStatus
from typing import Any, ParamSpec

from django.conf import settings
from django.db import Error, connection
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render

from jasper_inventory.lib.time_limits import set_batch_limits

P = ParamSpec("P")

# Seconds after which a refused download may be tried again. Nobody waits in between: those who wait
# keep threads that pages need.
_RETRY_AFTER = 30
# The first half of the keys of advisory locks, of which the second is a slot.
_OF_ALL, _OF_PERSON = 7_401_122, 7_401_123


class _Slot(Enum):
    TAKEN = "taken"
    NONE_FREE = "none free"
    NONE_FREE_FOR_PERSON = "none free for the person"


def limited_download(
    view: Callable[P, HttpResponseBase],
) -> Callable[P, HttpResponseBase]:
    """Decorator for a view that writes a file: only a few are written at once, in all processes.

    Others get a page that says so.
    """

    @wraps(view)
    def viewed(*args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        # A method of the admin has its request after `self`.
        request = next(arg for arg in args if isinstance(arg, HttpRequest))
        if request.method == "HEAD" or "HX-Request" in request.headers:
            # No file is written.
            return view(*args, **kwargs)
        with _slot(request.user.pk) as slot:
            if slot is _Slot.TAKEN:
                return view(*args, **kwargs)
        return _refused(request, slot)

    return viewed


def _refused(request: HttpRequest, slot: _Slot) -> HttpResponseBase:
    is_own = slot is _Slot.NONE_FREE_FOR_PERSON
    context = {"is_own": is_own, "again": request.get_full_path()}
    status = HTTPStatus.TOO_MANY_REQUESTS if is_own else HTTPStatus.SERVICE_UNAVAILABLE
    response = render(request, "downloads_busy.html", context, status=status)
    response["Retry-After"] = str(_RETRY_AFTER)
    return response


@contextmanager
def _slot(person: int | None) -> Iterator[_Slot]:
    """Take one of the slots for downloads until the block ends.

    They are locks of a transaction on a connection of its own: they end with the process, and the
    download itself may read a replica.
    """
    with closing(connection.copy()) as locks:
        locks.set_autocommit(False)
        with locks.cursor() as cursor:
            set_batch_limits(cursor)
            most, own = settings.DOWNLOADS_AT_ONCE, settings.DOWNLOADS_PER_PERSON
            if not _lock_one(cursor, _OF_PERSON, [f"{person} {at}" for at in range(own)]):
                yield _Slot.NONE_FREE_FOR_PERSON
            elif not _lock_one(cursor, _OF_ALL, map(str, range(most))):
                yield _Slot.NONE_FREE
            else:
                yield _Slot.TAKEN
        # Free for the next before this one is answered: the server notices a closed connection
        # a moment later. If the connection is lost, so are the locks.
        with suppress(Error):
            locks.rollback()


def _lock_one(cursor: Any, kind: int, slots: Iterable[str]) -> bool:
    """Lock the first free slot; return whether one was free."""
    for slot in slots:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, hashtext(%s))", [kind, slot])
        if cursor.fetchone()[0]:
            return True
    return False
