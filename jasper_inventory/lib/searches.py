"""Searches for people: the session keeps the search text, and URLs have only an opaque key.

Names and email addresses in URLs would remain in logs, browser histories and referrers.
"""

import secrets

from django.http import HttpRequest

PARAMETER = "search"
_SESSION_KEY = "searches"
# Older searches are dropped; all of them end with the session.
_MOST = 20


def keep_search(request: HttpRequest, typed: str) -> str:
    """Keep a search text and return its key for the URL."""
    key = secrets.token_urlsafe(9)
    kept = {**request.session.get(_SESSION_KEY, {}), key: typed}
    request.session[_SESSION_KEY] = dict(list(kept.items())[-_MOST:])
    return key


def kept_search(request: HttpRequest, parameter: str = PARAMETER) -> str | None:
    """Return the search text for the URL's key: "" without a key, None for an unknown key."""
    key = request.GET.get(parameter, "")
    if not key:
        return ""
    typed: str | None = request.session.get(_SESSION_KEY, {}).get(key)
    return typed


def forget_searches(request: HttpRequest) -> None:
    """Delete this session's search texts, such as the name of someone who was erased."""
    request.session.pop(_SESSION_KEY, None)
