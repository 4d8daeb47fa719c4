"""What gunicorn serves while requests are counted: the site, and the bare view at /bare/CENTER/."""

import os
from collections.abc import Callable, Iterable
from typing import Any

from django.core.handlers.wsgi import WSGIHandler
from django.db import connection
from django.http import HttpRequest, HttpResponse

from benchmarks.floors import bare_list
from benchmarks.redeem import DATABASE
from jasper_inventory import wsgi

BARE = "/bare/"

connection.settings_dict["NAME"] = os.environ[DATABASE]


class _Bare(WSGIHandler):
    """Django's handler of requests without any middleware, and with one view."""

    def load_middleware(self, is_async: bool = False) -> None:
        """Load none."""

    def get_response(self, request: HttpRequest) -> HttpResponse:
        """Return the list of the center that the address names."""
        return bare_list(request, int(request.path.split("/")[2]))


_bare = _Bare()


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer a request by the site or by the bare view."""
    handler = _bare if environ["PATH_INFO"].startswith(BARE) else wsgi.application
    return handler(environ, start_response)
