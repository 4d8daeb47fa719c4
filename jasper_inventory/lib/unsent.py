"""A form sent after the session ended is kept and shown again after signing in."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth import middleware
from django.http import HttpRequest, HttpResponseRedirect, QueryDict

_KEY = "unsent_form"
_MOST = 64 * 1024
_SECONDS = 30 * 60


def keeps_typed(view: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a view whose form may be kept: no password or activation code is typed in it."""
    view.keeps_typed = True  # type: ignore[attr-defined]
    return view


class LoginRequiredMiddleware(middleware.LoginRequiredMiddleware):
    """Django's, which also keeps what was typed when a marked form meets an ended session."""

    def handle_no_permission(self, request: HttpRequest, view_func: Any) -> HttpResponseRedirect:
        if request.method == "POST" and getattr(view_func, "keeps_typed", False):
            data = request.POST.copy()
            data.pop("csrfmiddlewaretoken", None)
            encoded = data.urlencode()
            if len(encoded) <= _MOST:
                request.session[_KEY] = {"path": request.path, "data": encoded}
                request.session.set_expiry(_SECONDS)
        return super().handle_no_permission(request, view_func)


def typed_data(request: HttpRequest) -> QueryDict | None:
    """What a form is bound to: the POST, or on GET what was typed before the session ended."""
    if request.method == "POST":
        return request.POST
    kept = request.session.get(_KEY)
    if kept and kept["path"] == request.path:
        del request.session[_KEY]
        return QueryDict(kept["data"])
    return None
