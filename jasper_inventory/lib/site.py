"""Site-wide context, error pages and response middleware."""

from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.shortcuts import render
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.views.defaults import page_not_found

from jasper_inventory.lib.returning import way_back
from jasper_inventory.lib.waits import try_again_in


def support(request: HttpRequest) -> dict[str, str]:
    """Context processor: the support contact shown in the page footer."""
    return {
        "support_name": settings.SUPPORT_NAME,
        "support_url": settings.SUPPORT_URL,
        "support_phone": settings.SUPPORT_PHONE,
        "support_tel": "".join(c for c in settings.SUPPORT_PHONE if c.isdigit() or c == "+"),
    }


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Explain an outdated form token and how to continue without losing the input."""
    return render(request, "403_csrf.html", status=403)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a damaged or oversized request without reading it."""
    return bare_page("400.html", HTTPStatus.BAD_REQUEST)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer a server error without using the database or the request."""
    return bare_page("500.html", HTTPStatus.INTERNAL_SERVER_ERROR)


def bare_page(
    template: str, status: HTTPStatus, context: dict[str, Any] | None = None
) -> HttpResponse:
    """Return a page that needs no database, styled if the style sheets are found."""
    try:
        names = ("bootstrap/css/bootstrap.min.css", "css/shared.css", "css/app.css")
        styles = [static(name) for name in names]
    except ValueError:
        # The static files haven't been collected.
        styles = []
    page = render_to_string(template, {"styles": styles, **(context or {})})
    return HttpResponse(page, status=status)


def too_many_requests(request: HttpRequest) -> HttpResponse:
    """Explain the rate limit and link to the same page, keeping its `next` address."""
    next_url = request.POST.get("next")
    again = f"{request.path}?{urlencode({'next': next_url})}" if next_url else request.path
    context = {"again": again, "wait": try_again_in(RATE_LIMIT_PERIOD)}
    response = render(request, "429.html", context, status=HTTPStatus.TOO_MANY_REQUESTS)
    response["Retry-After"] = str(int(RATE_LIMIT_PERIOD.total_seconds()))
    return response


# All limits that django-allauth still enforces (settings.ACCOUNT_RATE_LIMITS) are per minute.
RATE_LIMIT_PERIOD = timedelta(minutes=1)


class CompressPagesMiddleware(GZipMiddleware):
    """Compress pages, but neither files nor streams: workbooks are compressed already.

    Lengths of compressed pages don't reveal codes, because Django adds a random number of bytes:
    see docs/decisions/0009-compressed-pages.md.
    """

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        is_page = response.get("Content-Type", "").startswith("text/html")
        if not is_page or response.streaming:
            return response
        return super().process_response(request, response)


class NoStoreMiddleware:
    """Keep pages for signed-in users out of every cache.

    On a shared computer, *Back* must not show them to the next person after signing out.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        is_private = request.user.is_authenticated
        response = self.get_response(request)
        if is_private and not request.user.is_authenticated:
            # Signed out. Not "storage", which has only the choice of keyboard shortcuts.
            response["Clear-Site-Data"] = '"cache"'
        if is_private and not response.has_header("Cache-Control"):
            response["Cache-Control"] = "no-store"
        return response


class MethodNotAllowedMiddleware:
    """Replace Django's empty "method not allowed" answer with a page of the site."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code != HTTPStatus.METHOD_NOT_ALLOWED or response.content:
            return response
        context = {"way_back": way_back(request)}
        page = render(request, "405.html", context, status=HTTPStatus.METHOD_NOT_ALLOWED)
        page["Allow"] = response["Allow"]
        return page


class NotFoundMiddleware:
    """Show the site's own "not found" page even in DEBUG."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        return page_not_found(request, error) if isinstance(error, Http404) else None
