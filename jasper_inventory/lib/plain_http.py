"""Requests without TLS: Django redirects pages; those with a token are refused."""

from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse


class PlainHttpMiddleware:
    """Refuse to redirect a program that sent its token unencrypted.

    If it were redirected, it would work, and nobody would notice that each request reveals the
    token.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        is_redirect = response.status_code == HTTPStatus.MOVED_PERMANENTLY
        is_plain = settings.SECURE_SSL_REDIRECT and not request.is_secure()
        if is_redirect and is_plain and "Authorization" in request.headers:
            text = "Use https. The token was sent unencrypted: replace it.\n"
            return HttpResponse(
                text, content_type="text/plain; charset=utf-8", status=HTTPStatus.FORBIDDEN
            )
        return response
