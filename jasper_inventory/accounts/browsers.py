"""Browsers, recognized by a signed cookie that is set when throttling needs it.

The cookie contains since when the browser is known and who signed in there. It grants no access
and only decides who has to wait.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from jasper_inventory.lib.cookies import cookie_name

COOKIE = "browser"
_SALT = "accounts.browsers"
_KEPT_FOR = timedelta(days=400)
# A shared computer remembers the people who signed in last.
_MOST_PEOPLE = 60


@dataclass
class Browser:
    """A browser; `is_new` until it returns with its cookie."""

    key: str
    since: datetime
    people: list[int] = field(default_factory=list)
    is_new: bool = False
    has_changed: bool = False

    def knows(self, user_id: int | None) -> bool:
        """Return whether this person has signed in here before."""
        return user_id in self.people

    def remember(self, user_id: int) -> None:
        """Remember a person who signed in here."""
        others = [pk for pk in self.people if pk != user_id]
        self.people = [*others, user_id][-_MOST_PEOPLE:]
        # Even for the person who signed in last, to extend the life of the cookie.
        self.has_changed = True


def browser_of(request: HttpRequest) -> Browser:
    """Return the browser that sent a request; the response sets its cookie if it has none."""
    # Bare requests of tests lack the middleware's attribute.
    browser: Browser = getattr(request, "browser", None) or _read(request)
    browser.key  # noqa: B018 (evaluates a lazy browser, so that it gets its cookie)
    return browser


class BrowserMiddleware:
    """Set `request.browser`, and its cookie if the browser was used and is new or changed."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        read: list[Browser] = []

        def browser() -> Browser:
            read.append(_read(request))
            return read[0]

        # Django's request has no such attribute.
        request.browser = SimpleLazyObject(browser)  # type: ignore[attr-defined]
        response = self.get_response(request)
        if read and (read[0].is_new or read[0].has_changed):
            _write(response, read[0])
        return response


def _read(request: HttpRequest) -> Browser:
    try:
        key, since, people = signing.loads(request.COOKIES.get(cookie_name(COOKIE), ""), salt=_SALT)
        return Browser(str(key), datetime.fromtimestamp(since, UTC), list(people))
    except (signing.BadSignature, ValueError, TypeError):
        return Browser(secrets.token_urlsafe(12), timezone.now(), is_new=True)


def _write(response: HttpResponse, browser: Browser) -> None:
    value = signing.dumps([browser.key, int(browser.since.timestamp()), browser.people], salt=_SALT)
    response.set_cookie(
        cookie_name(COOKIE),
        value,
        max_age=int(_KEPT_FOR.total_seconds()),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
