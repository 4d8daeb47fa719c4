"""What every page shows of the site itself, and its error pages."""

from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.views.defaults import page_not_found

from jasper_inventory.lib.returning import way_back
from jasper_inventory.lib.waits import try_again_in


def support(request: HttpRequest) -> dict[str, Any]:
    """Context processor: who helps, for the page's foot."""
    return {
        "support_name": settings.SUPPORT_NAME,
        "support_url": settings.SUPPORT_URL,
        "support_phone": settings.SUPPORT_PHONE,
        "support_tel": "".join(c for c in settings.SUPPORT_PHONE if c.isdigit() or c == "+"),
    }


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form's token is too old: say so, and how to go on without losing what was typed."""
    return render(request, "403_csrf.html", status=403)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """What was sent can't be read, be it damaged or too large; so the page asks nothing of it."""
    return bare_page("400.html", HTTPStatus.BAD_REQUEST)


def server_error(request: HttpRequest) -> HttpResponse:
    """An error of ours: the page needs neither the database nor anything of the request."""
    return bare_page("500.html", HTTPStatus.INTERNAL_SERVER_ERROR)


def bare_page(template: str, status: HTTPStatus) -> HttpResponse:
    """Return a page that asks nothing of the request, in the site's look where that is at hand."""
    try:
        styles = [static("bootstrap/css/bootstrap.min.css"), static("css/app.css")]
    except ValueError:
        # The static files were not collected.
        styles = []
    return HttpResponse(render_to_string(template, {"styles": styles}), status=status)


def too_many_requests(request: HttpRequest) -> HttpResponse:
    """Too much was sent from one address: say how to go on, to the page that was asked for."""
    leads_on = request.POST.get("next")
    again = f"{request.path}?{urlencode({'next': leads_on})}" if leads_on else request.path
    context = {"again": again, "wait": try_again_in(LIMITS_LAST)}
    response = render(request, "429.html", context, status=HTTPStatus.TOO_MANY_REQUESTS)
    response["Retry-After"] = str(int(LIMITS_LAST.total_seconds()))
    return response


# Django-allauth's limits that are left (settings.ACCOUNT_RATE_LIMITS) are all numbers a minute.
LIMITS_LAST = timedelta(minutes=1)


class NoStoreMiddleware:
    """What is shown to someone signed in stays in no cache: after signing out, *Back* shows none
    of it to the next person at a shared computer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        is_private = request.user.is_authenticated
        response = self.get_response(request)
        if is_private and not response.has_header("Cache-Control"):
            response["Cache-Control"] = "no-store"
        return response


class MethodNotAllowedMiddleware:
    """An address that only takes forms says so in the site's look; Django's answer is empty."""

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
    """What a view can't find gets the site's own page in DEBUG too, not one of Django's."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        return page_not_found(request, error) if isinstance(error, Http404) else None
