"""What happens to requests without TLS: pages are redirected, requests with a token are refused."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware import security


class SecurityMiddleware(security.SecurityMiddleware):
    """Django's middleware, which refuses to redirect a program that sent its token unencrypted.

    If it were redirected, it would work, and nobody would notice that each request reveals the
    token.
    """

    # The stubs only know redirects.
    def process_request(  # type: ignore[override]
        self, request: HttpRequest
    ) -> HttpResponseBase | None:
        """Redirect a page to TLS; refuse a request with a token."""
        answer: HttpResponseBase | None = super().process_request(request)
        if answer is None or "Authorization" not in request.headers:
            return answer
        text = "Use https. The token was sent unencrypted: replace it.\n"
        return HttpResponse(
            text, content_type="text/plain; charset=utf-8", status=HTTPStatus.FORBIDDEN
        )
