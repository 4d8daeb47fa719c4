"""Whether this process is alive."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

ALIVE = "/healthz"


class AliveMiddleware:
    """Answer /healthz before anything reads the database, the session or the host's name."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info != ALIVE:
            return self.get_response(request)
        return HttpResponse("ok", content_type="text/plain", headers={"Cache-Control": "no-store"})
