"""A form says who opened it, and in which role. One that can't be sent now is kept for them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth import middleware
from django.contrib.auth.views import redirect_to_login
from django.core import signing
from django.http import HttpRequest, HttpResponseRedirect, QueryDict
from django.shortcuts import resolve_url
from django.utils.functional import SimpleLazyObject

from jasper_inventory.lib.returning import way_back

OWNER = "form_owner"
_KEY = "unsent_form"
_MOST = 64 * 1024
_SECONDS = 30 * 60
# Fields that nobody typed in.
_NOT_TYPED = ("csrfmiddlewaretoken", OWNER)


def keeps_typed(view: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a view whose form may be kept: no password or activation code is typed in it."""
    # A function has no such attribute until it is given.
    view.keeps_typed = True  # type: ignore[attr-defined]
    return view


@dataclass(frozen=True)
class Opened:
    """Who opened a form, and in which role: the keys, and the role's name should it be lost."""

    user: int | None
    role: int | None
    # The organization may be renamed meanwhile.
    role_name: str = field(default="", compare=False)


def form_owner(request: HttpRequest) -> dict[str, Any]:
    """Context processor: what `includes/form_owner.html` puts into every form, signed."""
    return {OWNER: SimpleLazyObject(lambda: signed_owner(request.user, _role(request)))}


def signed_owner(user: Any, role: Any) -> str:
    """Name the person and the role that a form is shown to, signed."""
    name = role.full_name if role else ""
    return signing.dumps([user.pk, role and role.pk, name], salt=OWNER)


def _role(request: HttpRequest) -> Any:
    return getattr(request, "membership", None)


def opened_by(request: HttpRequest) -> Opened | None:
    """Return who opened the form that was sent; None if it doesn't say."""
    try:
        return Opened(*signing.loads(request.POST.get(OWNER, ""), salt=OWNER))
    except (signing.BadSignature, TypeError):
        return None


def typed_in(request: HttpRequest, view: Any) -> str:
    """What was typed in a form that may be kept, encoded; empty for others."""
    if not getattr(view, "keeps_typed", False):
        return ""
    data = request.POST.copy()
    for name in _NOT_TYPED:
        data.pop(name, None)
    encoded = data.urlencode()
    return encoded if len(encoded) <= _MOST else ""


class LoginRequiredMiddleware(middleware.LoginRequiredMiddleware):
    """Django's, which also keeps what was typed when a marked form meets an ended session."""

    def handle_no_permission(self, request: HttpRequest, view_func: Any) -> HttpResponseRedirect:
        if request.method in ("GET", "HEAD"):
            return super().handle_no_permission(request, view_func)
        opened, typed = opened_by(request), typed_in(request, view_func)
        address = way_back(request)
        if opened and typed:
            keep(request, request.path, typed, opened)
            request.session.set_expiry(_SECONDS)
            address = request.get_full_path()
        login_url = resolve_url(self.get_login_url(view_func))
        return redirect_to_login(address, login_url, self.get_redirect_field_name(view_func))


def keep(request: HttpRequest, path: str, typed: str, opened: Opened) -> None:
    """Keep what was typed for the next time that this person opens the page in this role."""
    if len(typed) <= _MOST:
        owner = {"owner": opened.user, "role": opened.role, "role_name": opened.role_name}
        request.session[_KEY] = {"path": path, "data": typed, **owner}


@dataclass(frozen=True)
class Kept:
    """What was typed, for which page, and who opened the form."""

    path: str
    data: str
    opened: Opened


def kept_form(request: HttpRequest) -> Kept | None:
    """The form that is kept for the person signed in; None if it is somebody else's."""
    kept = request.session.get(_KEY)
    if kept is None or kept["owner"] != request.user.pk:
        return None
    return Kept(kept["path"], kept["data"], Opened(kept["owner"], kept["role"], kept["role_name"]))


def drop_kept(request: HttpRequest) -> None:
    """Forget the form that is kept."""
    request.session.pop(_KEY, None)


def typed_data(request: HttpRequest) -> QueryDict | None:
    """What a form is bound to: the POST, or on GET what its owner typed before in this role."""
    if request.method == "POST":
        return request.POST
    kept = request.session.get(_KEY)
    if kept is None or kept["path"] != request.path:
        return None
    del request.session[_KEY]
    role = _role(request)
    if (kept["owner"], kept["role"]) != (request.user.pk, role and role.pk):
        return None
    return QueryDict(kept["data"])
