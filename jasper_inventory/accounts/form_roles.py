"""Refusal of forms that were opened in another role than the active one."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, TypeVar

from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import render

from jasper_inventory.accounts.decorators import RoleHttpRequest
from jasper_inventory.lib import form_recovery
from jasper_inventory.lib.returning import way_back

# Apps without an active role: the admin, and django-allauth, which has no namespace.
WITHOUT_ROLE = ("admin", "")
ViewT = TypeVar("ViewT", bound=Callable[..., Any])


def for_any_role(view: ViewT) -> ViewT:
    """Mark a view whose form does the same in every role."""
    # Functions have no such attribute by default.
    view.for_any_role = True  # type: ignore[attr-defined]
    return view


def refused(request: RoleHttpRequest, view: Callable[..., HttpResponseBase]) -> HttpResponse | None:
    """Return the answer to a form opened in another role than the active one, or None.

    A form kept from an ended session is refused when it would be shown again.
    """
    if getattr(view, "for_any_role", False) or _app_of(request) in WITHOUT_ROLE:
        return None
    if request.method == "POST":
        opened, typed = form_recovery.opened_by(request), form_recovery.typed_in(request, view)
        address = way_back(request) if not typed else request.get_full_path()
    else:
        kept = form_recovery.kept_form(request)
        if kept is None or kept.path != request.path:
            return None
        opened, typed, address = kept.opened, kept.data, request.get_full_path()
    role = request.membership
    if opened == form_recovery.Opened(request.user.pk, role.pk if role else None):
        return None
    if request.method != "POST":
        form_recovery.drop_kept(request)
    return _page(request, opened, typed, address)


def _app_of(request: HttpRequest) -> str:
    return request.resolver_match.app_name if request.resolver_match else ""


def _page(
    request: RoleHttpRequest, opened: form_recovery.Opened | None, typed: str, address: str
) -> HttpResponse:
    """Return a page that explains the refusal and how to continue with the input."""
    is_anothers = opened is not None and opened.user != request.user.pk
    if is_anothers:
        # Another user opened the form before signing out: don't show their input.
        opened, typed = None, ""
    still_held = [role for role in request.memberships if opened and role.pk == opened.role]
    context = {
        "opened": opened,
        "is_anothers": is_anothers,
        # A form that names no role is shown again in the active role.
        "go_on_as": still_held[0] if still_held else None if opened else request.membership,
        "typed": typed,
        "readable": _readable(typed),
        "address": address,
    }
    # Htmx doesn't show 4xx responses in its dialog.
    in_dialog = bool(getattr(request, "htmx", False))
    status = HTTPStatus.OK if in_dialog else HTTPStatus.CONFLICT
    return render(request, "accounts/other_role.html", context, status=status)


def _readable(typed: str) -> list[tuple[str, str]]:
    """Return the input with readable field names, for the user to copy."""
    hidden = ("initial-", "shown", "form_", "products", "families")
    return [
        (name.replace("_", " ").capitalize(), value)
        for name, values in QueryDict(typed).lists()
        for value in values
        if value.strip() and not name.startswith(hidden)
    ]
