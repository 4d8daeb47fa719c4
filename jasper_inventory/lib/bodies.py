"""Limits on requests: no files, no NUL characters, a bounded size, no method for diagnosis."""

from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.core.exceptions import BadRequest
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, QueryDict

from jasper_inventory.lib.site import bare_page

# A server that answers TRACE may show what a script can't read: cookies and the proxy's headers.
_DIAGNOSIS = ("CONNECT", "TRACE", "TRACK")


class NoFilesHandler(FileUploadHandler):
    """Refuse an upload at its first file, because no form of this site accepts files."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        raise BadRequest("No form accepts files.")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None


class BodyMiddleware:
    """Refuse requests that no form of the site sends, before a view or the database sees them.

    Bodies that are too large aren't read. Bodies of unknown length are refused because they can't
    be limited, and NUL characters because PostgreSQL can't store them.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method in _DIAGNOSIS:
            return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
        if request.META.get("HTTP_TRANSFER_ENCODING"):
            return bare_page("400.html", HTTPStatus.LENGTH_REQUIRED)
        if _length(request) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            return bare_page("400.html", HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        if "\0" in request.path_info or any("\0" in text for text in _texts(request.GET)):
            return bare_page("400.html", HTTPStatus.BAD_REQUEST)
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *args: Any) -> HttpResponse | None:
        if any("\0" in text for text in _texts(request.POST)):
            return bare_page("400.html", HTTPStatus.BAD_REQUEST)
        return None


def _length(request: HttpRequest) -> int:
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0


def _texts(data: QueryDict) -> Iterator[str]:
    for name, values in data.lists():
        yield name
        yield from values
