"""The decorator of views that export a list."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect

from jasper_inventory.accounts.decorators import MemberHttpRequest
from jasper_inventory.accounts.services.list_exports import is_large, record_export, request_export
from jasper_inventory.lib.downloads import limited_download
from jasper_inventory.lib.exceptions import DomainError
from jasper_inventory.lib.exports import FILE, ListFile, as_download, kind_of_file
from jasper_inventory.lib.pagination import PAGE, ROWS
from jasper_inventory.lib.searches import PARAMETER, kept_search

# What an address has besides the search.
_OF_PAGE = (FILE, PAGE, ROWS, PARAMETER)


def list_export(
    listed: Callable[..., ListFile | HttpResponse],
) -> Callable[..., HttpResponseBase]:
    """Make a view of a function that returns a list as a file, or where to go without one.

    It takes the request, the search text that the session keeps ("" without one, None if it is
    forgotten), and the arguments of the address. It uses nothing else of the request than `GET`,
    `user` and `membership`: for a large list, the worker calls it again.
    """

    @wraps(listed)
    def view(request: MemberHttpRequest, **kwargs: Any) -> HttpResponseBase:
        kind, typed = kind_of_file(request), kept_search(request)
        found = listed(request, typed, **kwargs)
        if isinstance(found, HttpResponse):
            return found
        if not is_large(found):
            return _written_now(request, found, kind)
        if request.method != "HEAD":
            _queue(request, found, kind, typed or "")
        return redirect("accounts:export_list")

    # For the worker. Functions have no such attribute by default.
    view.listed = listed  # type: ignore[attr-defined]
    return view


@limited_download
def _written_now(request: MemberHttpRequest, listed: ListFile, kind: str) -> FileResponse:
    record_export(listed, request.user)
    return as_download(listed, kind)


def _queue(request: MemberHttpRequest, listed: ListFile, kind: str, typed: str) -> None:
    query = request.GET.copy()
    for name in _OF_PAGE:
        query.pop(name, None)
    address = f"{request.path_info}?{query.urlencode()}" if query else request.path_info
    try:
        request_export(
            listed, kind=kind, address=address, typed=typed, membership=request.membership
        )
    except DomainError as error:
        messages.error(request, str(error))
