"""A form sent after the session ended is kept, and shown again to whom it belongs."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth import middleware
from django.core import signing
from django.http import HttpRequest, HttpResponseRedirect, QueryDict

OWNER = "form_owner"
_KEY = "unsent_form"
_MOST = 64 * 1024
_SECONDS = 30 * 60


def keeps_typed(view: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a view whose form may be kept: no password or activation code is typed in it.

    Its form includes `includes/form_owner.html`.
    """
    # A function has no such attribute until it is given.
    view.keeps_typed = True  # type: ignore[attr-defined]
    return view


def form_owner(request: HttpRequest) -> dict[str, Any]:
    """Context processor: who a form is shown to, signed. Computers at schools are shared."""
    return {OWNER: lambda: signing.dumps(request.user.pk, salt=OWNER)}


class LoginRequiredMiddleware(middleware.LoginRequiredMiddleware):
    """Django's, which also keeps what was typed when a marked form meets an ended session."""

    def handle_no_permission(self, request: HttpRequest, view_func: Any) -> HttpResponseRedirect:
        if request.method == "POST" and getattr(view_func, "keeps_typed", False):
            _keep(request)
        return super().handle_no_permission(request, view_func)


def _keep(request: HttpRequest) -> None:
    data = request.POST.copy()
    data.pop("csrfmiddlewaretoken", None)
    try:
        owner = signing.loads(data.pop(OWNER, [""])[-1], salt=OWNER)
    except signing.BadSignature:
        return
    encoded = data.urlencode()
    if len(encoded) <= _MOST:
        request.session[_KEY] = {"path": request.path, "data": encoded, "owner": owner}
        request.session.set_expiry(_SECONDS)


def typed_data(request: HttpRequest) -> QueryDict | None:
    """What a form is bound to: the POST, or on GET what its owner typed in an ended session."""
    if request.method == "POST":
        return request.POST
    kept = request.session.get(_KEY)
    if kept is None or kept["path"] != request.path:
        return None
    del request.session[_KEY]
    return QueryDict(kept["data"]) if kept["owner"] == request.user.pk else None
