"""The guide's windows: one URL, shown as a page or, with htmx, as a dialog over a page."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import resolve_url
from django.utils.cache import patch_vary_headers
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from jasper_inventory.lib.returning import local_page

DIALOG = "dialog"


class HtmxHttpRequest(HttpRequest):
    """A request processed by django-htmx's middleware."""

    htmx: HtmxDetails


def layout(request: HtmxHttpRequest) -> dict[str, Any]:
    """Context processor: the layout that a window extends, and the page to return to."""
    in_dialog = bool(getattr(request, "htmx", False)) and request.htmx.target == DIALOG
    return {
        "layout": "base_dialog.html" if in_dialog else "base.html",
        "in_dialog": in_dialog,
        "back_url": back_url(request),
    }


class WindowRedirect(HttpResponseRedirect):
    """A redirect that htmx follows inside the dialog."""


def back_to_window(
    to: str | Model | Callable[..., HttpResponseBase], *args: Any, **kwargs: Any
) -> WindowRedirect:
    """Redirect to a window without closing its dialog (Save keeps the window open)."""
    return WindowRedirect(resolve_url(to, *args, **kwargs))


class DialogRedirectMiddleware:
    """Make htmx redirects load a whole page, so that views need no code for htmx.

    Without it, htmx would follow the redirect itself and put the inventory page, or the sign-in
    page after the session ended, into the dialog.
    """

    def __init__(self, get_response: Callable[[HtmxHttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HtmxHttpRequest) -> HttpResponse:
        response = self.get_response(request)
        is_redirect = 300 <= response.status_code < 400 and response.has_header("Location")
        if request.htmx and is_redirect and not isinstance(response, WindowRedirect):
            page_redirect = HttpResponseClientRedirect(response["Location"])
            page_redirect.cookies = response.cookies
            response = page_redirect
        patch_vary_headers(response, ["HX-Request", "HX-Target"])
        return response


def back_url(request: HttpRequest) -> str:
    """Return the page to return to from a window: the page it was opened from, or the inventory."""
    return local_page(request.GET.get("next", "")) or resolve_url(settings.WINDOWS_LEAD_TO)
