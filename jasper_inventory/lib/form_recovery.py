"""Form recovery: keep a form that can't be processed now for the user and role that opened it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

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
# Fields that no one typed in.
_NOT_TYPED = ("csrfmiddlewaretoken", OWNER)


class User(Protocol):
    """A user, signed in or anonymous."""

    pk: Any


class Role(Protocol):
    """A role in which forms are opened."""

    pk: Any

    @property
    def full_name(self) -> str:
        """The name of the role with its organization."""


def keeps_typed(view: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a view whose form may be kept because it has no password or activation code."""
    # Functions have no such attribute by default.
    view.keeps_typed = True  # type: ignore[attr-defined]
    return view


@dataclass(frozen=True)
class Opened:
    """The user and role that opened a form, with the role's name in case the role is revoked."""

    user: int | None
    role: int | None
    # The organization may have been renamed since.
    role_name: str = field(default="", compare=False)


def form_owner(request: HttpRequest) -> dict[str, Any]:
    """Context processor: the signed owner that `includes/form_owner.html` adds to every form."""
    return {OWNER: SimpleLazyObject(lambda: signed_owner(request.user, _role(request)))}


def signed_owner(user: User, role: Role | None) -> str:
    """Return the signed keys of the user and role that a form is shown to."""
    name = role.full_name if role else ""
    return signing.dumps([user.pk, role and role.pk, name], salt=OWNER)


def _role(request: HttpRequest) -> Role | None:
    return getattr(request, "membership", None)


def opened_by(request: HttpRequest) -> Opened | None:
    """Return the user and role that opened the submitted form, or None if it names none."""
    try:
        return Opened(*signing.loads(request.POST.get(OWNER, ""), salt=OWNER))
    except (signing.BadSignature, TypeError):
        return None


def typed_in(request: HttpRequest, view: Any) -> str:
    """Return the URL-encoded input of a form that may be kept, or "" for other forms."""
    if not getattr(view, "keeps_typed", False):
        return ""
    data = request.POST.copy()
    for name in _NOT_TYPED:
        data.pop(name, None)
    encoded = data.urlencode()
    return encoded if len(encoded) <= _MOST else ""


class LoginRequiredMiddleware(middleware.LoginRequiredMiddleware):
    """Django's middleware, extended to keep a marked form when its session has ended."""

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
    """Keep the input until this user opens the page in this role again."""
    if len(typed) <= _MOST:
        owner = {"owner": opened.user, "role": opened.role, "role_name": opened.role_name}
        request.session[_KEY] = {"path": path, "data": typed, **owner}


@dataclass(frozen=True)
class Kept:
    """A kept form: its page, its input, and the user and role that opened it."""

    path: str
    data: str
    opened: Opened


def kept_form(request: HttpRequest) -> Kept | None:
    """Return the form kept for the signed-in user, or None if it belongs to someone else."""
    kept = request.session.get(_KEY)
    if kept is None or kept["owner"] != request.user.pk:
        return None
    return Kept(kept["path"], kept["data"], Opened(kept["owner"], kept["role"], kept["role_name"]))


def drop_kept(request: HttpRequest) -> None:
    """Delete the kept form."""
    request.session.pop(_KEY, None)


def typed_data(request: HttpRequest) -> QueryDict | None:
    """Return the data to bind a form to: the POST, or on GET its owner's kept input, if any."""
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
