"""Addresses to lead back to: of this site, and such that opening them shows a page."""

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
    """Django's `require_POST`, remembered: nobody is led to such an address."""
    checked = require_POST(view)
    checked.post_only = True  # type: ignore[attr-defined]  # a function has no such attribute yet
    return checked


def answers_get(address: str) -> bool:
    """Whether a local address can be opened, with or without the slash at its end."""
    path = unquote(urlsplit(address).path)
    for one in (path, f"{path}/"):
        try:
            match = resolve(one)
        except Resolver404:
            continue
        # Of Django's views that are classes.
        methods = getattr(getattr(match.func, "view_class", None), "http_method_names", ["get"])
        return "get" in methods and not getattr(match.func, "post_only", False)
    return False


def local_page(address: str) -> str:
    """The address if it is a local path that can be opened; otherwise empty."""
    is_local = address.startswith("/") and url_has_allowed_host_and_scheme(
        address, allowed_hosts=None
    )
    return address if is_local and answers_get(address) else ""


def way_back(request: HttpRequest) -> str:
    """The page that a request came from; without one its own address, or the front page."""
    return _page_before(request) or local_page(request.get_full_path()) or _front_page()


def _page_before(request: HttpRequest) -> str:
    """The page of this site where the form or link was, as a local path."""
    referer = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(referer, allowed_hosts={request.get_host()}):
        return ""
    parts = urlsplit(referer)
    return local_page(parts.path + (f"?{parts.query}" if parts.query else ""))


def _front_page() -> str:
    return resolve_url(settings.LOGIN_REDIRECT_URL)
