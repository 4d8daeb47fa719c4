"""Searches for people: the session keeps what was typed, an address has only an opaque key.

Names and email addresses in an address would stay in logs, histories and referrers.
"""

import secrets

from django.http import HttpRequest

PARAMETER = "search"
_SESSION_KEY = "searches"
# Older ones are forgotten; all of them end with the session.
_MOST = 20


def keep_search(request: HttpRequest, typed: str) -> str:
    """Keep what was typed and return its key for the address."""
    key = secrets.token_urlsafe(9)
    kept = {**request.session.get(_SESSION_KEY, {}), key: typed}
    request.session[_SESSION_KEY] = dict(list(kept.items())[-_MOST:])
    return key


def kept_search(request: HttpRequest, parameter: str = PARAMETER) -> str | None:
    """Return what the address's key stands for: "" without a key, None if it is not kept here."""
    key = request.GET.get(parameter, "")
    if not key:
        return ""
    typed: str | None = request.session.get(_SESSION_KEY, {}).get(key)
    return typed


def forget_searches(request: HttpRequest) -> None:
    """Forget what was typed in this session, such as the name of someone who was erased."""
    request.session.pop(_SESSION_KEY, None)
