"""A database that is down, hangs, is full or busy: what visitors see, and how soon."""

import os
import socket
import sys
import threading
import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import psycopg2
from django.conf import settings
from django.db import (
    DEFAULT_DB_ALIAS,
    DatabaseError,
    Error,
    InterfaceError,
    OperationalError,
    connections,
)
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve

from jasper_inventory.lib import site
from jasper_inventory.lib.form_recovery import typed_in

# Seconds after which visitors may try again.
RETRY_AFTER = 10
# Seconds within which a server answers on a connection that was kept from an earlier request.
_FIRST_ANSWER = 2
_PAUSE = 0.25

# The beginnings of PostgreSQL's error codes. Busy: a lock or a statement took too long, a deadlock.
_BUSY = ("40", "55P03", "57014")
# Connections lost or refused; full, read-only, shut down; errors of its system or its files; tables
# that `migrate` hasn't created yet, or rights that it hasn't given yet.
_UNUSABLE = ("08", "25006", "25P03", "53", "57P", "58", "XX001", "XX002", "42P01", "42501")


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer an error without using the database: 503 if the database caused it, otherwise 500.

    A form that was sent is shown as one button, which sends it again.
    """
    error = _fault(sys.exc_info()[1])
    if error is None:
        return site.server_error(request)
    context = {
        "is_busy": (_code(error) or "").startswith(_BUSY),
        "is_sent": request.method not in ("GET", "HEAD"),
        "action": request.get_full_path(),
        "typed": _typed(request),
    }
    response = site.bare_page("503.html", HTTPStatus.SERVICE_UNAVAILABLE, context)
    response["Retry-After"] = str(RETRY_AFTER)
    response["Cache-Control"] = "no-store"
    return response


def _typed(request: HttpRequest) -> list[tuple[str, str]]:
    """Return the fields of a form that may be kept; a window keeps what was typed by itself."""
    if request.method != "POST" or "HX-Request" in request.headers:
        return []
    try:
        # The database may have failed before the address was resolved.
        view = resolve(request.path_info).func
    except Resolver404:
        return []
    if not typed_in(request, view):
        return []
    return [(name, str(value)) for name, values in request.POST.lists() for value in values]


def is_unusable(error: BaseException) -> bool:
    """Return whether an error means that the database can't be used now, or not fast enough."""
    if not isinstance(error, Error) or not isinstance(error.__cause__, psycopg2.Error):
        return False
    code = _code(error)
    if code is None:
        # The client's own: it could not connect, or the connection broke.
        lost = isinstance(error, OperationalError | InterfaceError)
        return lost or type(error) is DatabaseError
    return code.startswith(_BUSY + _UNUSABLE)


def _fault(error: BaseException | None) -> BaseException | None:
    """Return the error of the database behind an error, if the database can't be used."""
    while error is not None and not is_unusable(error):
        error = error.__cause__ or error.__context__
    return error


def _code(error: BaseException) -> str | None:
    code: str | None = getattr(error.__cause__, "pgcode", None)
    return code


class LostDatabaseMiddleware:
    """Give up the connection of a request whose database hangs.

    The time limits of a server (lib/time_limits.py) don't help once the server itself hangs, or
    the network swallows its answers: then the client would wait forever.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        _WATCH.begin()
        try:
            return self.get_response(request)
        finally:
            _WATCH.end()


class _Watch:
    """A thread that looks after the requests of this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        # By thread: when its request began, and its connection.
        self._requests: dict[int, tuple[float, Any]] = {}
        self._thread: threading.Thread | None = None

    def begin(self) -> None:
        with self._lock:
            database = connections[DEFAULT_DB_ALIAS]
            self._requests[threading.get_ident()] = time.monotonic(), database
            # Not before the first request: a server may fork its workers after it was loaded.
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="database", daemon=True)
                self._thread.start()

    def end(self) -> None:
        with self._lock:
            self._requests.pop(threading.get_ident(), None)

    def _run(self) -> None:
        while True:
            time.sleep(_PAUSE)
            with self._lock:
                for began, database in self._requests.values():
                    if time.monotonic() - began > _limit(database):
                        _give_up(database)


# One for the process, however many handlers it makes: tests make one for each client.
_WATCH = _Watch()


def _limit(database: Any) -> float:
    is_unanswered = database.health_check_enabled and not database.health_check_done
    return _FIRST_ANSWER if is_unanswered else settings.PAGE_TIMEOUT


def _give_up(database: Any) -> None:
    """Break the connection, so that the request's thread stops to wait for it."""
    connection = database.connection
    if connection is None or connection.closed:
        return
    try:
        with socket.socket(fileno=os.dup(connection.fileno())) as link:
            link.shutdown(socket.SHUT_RDWR)
    except (OSError, psycopg2.Error):
        # It was closed meanwhile.
        return
