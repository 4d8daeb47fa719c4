"""Where what runs now comes from: a request of the site, a command, or nothing known.

The request id is in every answer, line of the program's log and entry of the activity log.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from uuid import uuid4

from django.conf import settings
from django.http import HttpRequest, HttpResponse

HEADER = "X-Request-ID"
# Where a request keeps its id; not the name under which a visitor's header would be.
REQUEST_ID = "jasper.request_id"
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}", re.ASCII)


@dataclass(frozen=True)
class Origin:
    """A request, or a command by its name; the id is the same for all that it does."""

    request_id: str = ""
    request: HttpRequest | None = None
    command: str = ""
    # The acts that the activity log has of it.
    recorded: list[str] = field(default_factory=list)

    @property
    def source(self) -> str:
        """The name of the route or of the command."""
        if self.request is None:
            return f"command {self.command}" if self.command else ""
        match = self.request.resolver_match
        return match.view_name if match else ""


_current: ContextVar[Origin | None] = ContextVar("origin", default=None)


def current() -> Origin:
    """Return the origin of what runs now."""
    return _current.get() or Origin()


@contextmanager
def running(*, command: str = "", request: HttpRequest | None = None) -> Iterator[Origin]:
    """Make a command or a request the origin of what runs in the block."""
    request_id = _id_of(request) if request is not None else uuid4().hex
    origin = Origin(request_id, request, command)
    token = _current.set(origin)
    try:
        yield origin
    finally:
        _current.reset(token)


def _id_of(request: HttpRequest) -> str:
    """Return the id that a trusted proxy gave to a request, or a new one."""
    given = request.headers.get(HEADER, "") if settings.TRUSTED_PROXIES else ""
    return given if _PLAIN.fullmatch(given) else uuid4().hex


class OriginMiddleware:
    """Make the request the origin of what its view does, and return its id."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with running(request=request) as origin:
            # Django logs some refusals after all middleware, when nothing is current any longer.
            request.META[REQUEST_ID] = origin.request_id
            response = self.get_response(request)
            response.headers[HEADER] = origin.request_id
            return response
