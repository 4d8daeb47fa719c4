"""Return addresses: pages of this site that can be opened with GET."""

from collections.abc import Callable
from typing import Any
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.http import HttpRequest
from django.shortcuts import resolve_url
from django.urls import Resolver404, resolve
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST


def post_only(view: Callable[..., Any]) -> Callable[..., Any]:
    """Apply Django's `require_POST` and mark the view, so that no one is returned to it."""
    checked = require_POST(view)
    # Functions have no such attribute by default.
    checked.post_only = True  # type: ignore[attr-defined]
    return checked


def answers_get(address: str) -> bool:
    """Return whether a local address can be opened, with or without its final slash."""
    path = unquote(urlsplit(address).path)
    for one in (path, f"{path}/"):
        try:
            match = resolve(one)
        except Resolver404:
            continue
        # Class-based views list their methods.
        methods = getattr(getattr(match.func, "view_class", None), "http_method_names", ["get"])
        return "get" in methods and not getattr(match.func, "post_only", False)
    return False


def local_page(address: str) -> str:
    """Return the address if it is a local path that can be opened, or ""."""
    is_local = address.startswith("/") and url_has_allowed_host_and_scheme(
        address, allowed_hosts=None
    )
    return address if is_local and answers_get(address) else ""


def way_back(request: HttpRequest) -> str:
    """Return the page that a request came from, or its own address, or the front page."""
    return _page_before(request) or local_page(request.get_full_path()) or _front_page()


def _page_before(request: HttpRequest) -> str:
    """Return the referring page as a local path, or "" if it isn't of this site."""
    referer = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(referer, allowed_hosts={request.get_host()}):
        return ""
    parts = urlsplit(referer)
    return local_page(parts.path + (f"?{parts.query}" if parts.query else ""))


def _front_page() -> str:
    return resolve_url(settings.LOGIN_REDIRECT_URL)
