"""The guide's windows: one address, shown as a page, or by htmx as a dialog over a page."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, resolve_url
from django.utils.cache import patch_vary_headers
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from jasper_inventory.lib.returning import local_page

DIALOG = "dialog"


class HtmxHttpRequest(HttpRequest):
    """A request after django-htmx's middleware."""

    htmx: HtmxDetails


def layout(request: HtmxHttpRequest) -> dict[str, Any]:
    """Context processor: the template that a window extends."""
    in_dialog = bool(getattr(request, "htmx", False)) and request.htmx.target == DIALOG
    return {
        "layout": "base_dialog.html" if in_dialog else "base.html",
        "in_dialog": in_dialog,
        "back_url": back_url(request),
    }


def back_to_window(to: Any, *args: Any, **kwargs: Any) -> HttpResponseRedirect:
    """A redirect to a window that stays a dialog where it is one (Save keeps the window open)."""
    response = redirect(to, *args, **kwargs)
    response.stays_in_dialog = True
    return response


class DialogRedirectMiddleware:
    """Redirects answered to htmx lead the whole browser there, so that views need no htmx branch.

    Without it htmx would follow the redirect itself and put the inventory page, or the sign-in
    page of an ended session, into the dialog.
    """

    def __init__(self, get_response: Callable[[HtmxHttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HtmxHttpRequest) -> HttpResponse:
        response = self.get_response(request)
        leads_away = 300 <= response.status_code < 400 and response.has_header("Location")
        if request.htmx and leads_away and not getattr(response, "stays_in_dialog", False):
            elsewhere = HttpResponseClientRedirect(response["Location"])
            elsewhere.cookies = response.cookies
            response = elsewhere
        patch_vary_headers(response, ["HX-Request", "HX-Target"])
        return response


def back_url(request: HttpRequest) -> str:
    """Where a window leads back to: the page it was opened from, else the inventory."""
    return local_page(request.GET.get("next", "")) or resolve_url(settings.WINDOWS_LEAD_TO)
