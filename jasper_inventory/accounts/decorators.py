"""Which roles a page is for, and which of a person's other roles would open it."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet, Value
from django.http import HttpRequest
from django.utils.module_loading import import_string

from jasper_inventory.accounts.models import Membership
from jasper_inventory.lib.returning import local_page, way_back

Finders = dict[str, Callable[..., QuerySet[Any]]]


class RoleHttpRequest(HttpRequest):
    """A request after ActiveRoleMiddleware: the active role, and all that the person has."""

    membership: Membership | None
    memberships: list[Membership]


def role_required(
    allows: Callable[[Membership], bool],
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A decorator: another active role, or none, gets the page that says so (403)."""

    def decorated(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def checked(request: RoleHttpRequest, *args: Any, **kwargs: Any) -> Any:
            if request.membership is None or not allows(request.membership):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        checked.allows = allows  # type: ignore[attr-defined]  # a function has none until now
        return checked

    return decorated


# A page of administrators.
administrator_required = role_required(lambda role: role.is_administrator)
# A page of teachers, in the role where they teach.
teacher_required = role_required(lambda role: role.is_teacher)
# A page of administrators of organizations that give licenses on: not of a center.
supplier_required = role_required(lambda role: role.is_administrator and role.organization.gives_on)
# A page of those who look after students.
looks_after_students = role_required(lambda role: role.is_administrator or role.is_teacher)


def other_roles(request: RoleHttpRequest) -> dict[str, Any]:
    """Context processor, for the error pages: the roles in which the page opens, and where."""
    return {"other_roles": lambda: _other_roles(request), "wanted": lambda: _wanted(request)}


def _wanted(request: HttpRequest) -> str:
    return way_back(request) if request.method == "POST" else request.get_full_path()


def _other_roles(request: RoleHttpRequest) -> list[Membership]:
    """The person's roles, other than the active one, that open this address. One query at most."""
    match = request.resolver_match
    allows = getattr(match and match.func, "allows", None)
    if match is None or allows is None or not local_page(request.get_full_path()):
        return []
    active, roles = request.membership, request.memberships
    fitting = [role for role in roles if role != active and allows(role)]
    if not match.kwargs or not fitting:
        return fitting
    # The table is the site's, since it knows the routes of all apps.
    finders: Finders = import_string(settings.ROLE_FINDERS)
    if match.view_name not in finders:
        return []
    found = [
        finders[match.view_name](role, **match.kwargs)
        .order_by()
        .values_list(Value(role.pk), flat=True)
        for role in fitting
    ]
    pks = set(found[0].union(*found[1:]))
    return [role for role in fitting if role.pk in pks]
