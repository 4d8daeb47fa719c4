"""A form acts for the role that its page was opened with, never for the session's of the moment."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render

from jasper_inventory.accounts.decorators import RoleHttpRequest
from jasper_inventory.lib import form_recovery
from jasper_inventory.lib.returning import way_back

# The pages of the admin and of django-allauth, which has no namespace, know no active role.
WITHOUT_ROLE = ("admin", "")


def for_any_role(view: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a view whose form is the person's own: it does the same whichever role is active."""
    view.for_any_role = True  # type: ignore[attr-defined]  # a function has none until now
    return view


def refused(request: RoleHttpRequest, view: Any) -> HttpResponse | None:
    """Answer a form that was opened in another role than the active one; None if it may go on.

    Nothing is changed. A form kept from an ended session is refused when it would be shown again.
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
    """The page that says why, and how to go on with what was typed."""
    is_anothers = opened is not None and opened.user != request.user.pk
    if is_anothers:
        # Someone else's, from before they signed out: what they typed is not shown to others.
        opened, typed = None, ""
    still_held = [role for role in request.memberships if opened and role.pk == opened.role]
    context = {
        "opened": opened,
        "is_anothers": is_anothers,
        # A form that doesn't say is shown once more, in the active role.
        "go_on_as": still_held[0] if still_held else None if opened else request.membership,
        "typed": typed,
        "readable": _readable(typed),
        "address": address,
    }
    # Htmx shows no answers of 4xx in its dialog.
    in_dialog = bool(getattr(request, "htmx", False))
    status = HTTPStatus.OK if in_dialog else HTTPStatus.CONFLICT
    return render(request, "accounts/other_role.html", context, status=status)


def _readable(typed: str) -> list[tuple[str, str]]:
    """What somebody typed, by the name of its field: to be copied if it can't be sent."""
    hidden = ("initial-", "shown", "form_", "products", "families")
    return [
        (name.replace("_", " ").capitalize(), value)
        for name, values in QueryDict(typed).lists()
        for value in values
        if value.strip() and not name.startswith(hidden)
    ]
