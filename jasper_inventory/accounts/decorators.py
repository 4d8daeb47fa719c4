"""Roles that may open a page, and a user's other roles that may open it."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypedDict

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet, Value
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.module_loading import import_string

from jasper_inventory.accounts.models import Membership, User
from jasper_inventory.lib.dialogs import HtmxHttpRequest
from jasper_inventory.lib.returning import local_page, way_back

Finders = dict[str, Callable[..., QuerySet[Model]]]
View = Callable[..., HttpResponseBase]


class RoleHttpRequest(HtmxHttpRequest):
    """A request processed by ActiveRoleMiddleware, with the active role and all roles."""

    membership: Membership | None
    memberships: list[Membership]


class UserHttpRequest(RoleHttpRequest):
    """A request of a signed-in user."""

    user: User


class MemberHttpRequest(UserHttpRequest):
    """A request of a user with an active role, checked by `role_required`."""

    membership: Membership


class OtherRoles(TypedDict):
    """Template variables of the error pages."""

    other_roles: Callable[[], list[Membership]]
    wanted: Callable[[], str]


def role_required(allows: Callable[[Membership], bool]) -> Callable[[View], View]:
    """Return a decorator that shows a 403 page unless the active role is allowed."""

    def decorated(view: View) -> View:
        @wraps(view)
        def checked(request: RoleHttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if request.membership is None or not allows(request.membership):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        # Functions have no such attribute by default.
        checked.allows = allows  # type: ignore[attr-defined]
        return checked

    return decorated


# For administrators.
administrator_required = role_required(lambda role: role.is_administrator)
# For teachers, in the role in which they teach.
teacher_role_required = role_required(lambda role: role.is_teacher)
# For administrators of organizations that can assign licenses: not of centers.
supplier_required = role_required(
    lambda role: role.is_administrator and role.organization.is_supplier
)
# For everyone who works with students.
looks_after_students = role_required(lambda role: role.is_administrator or role.is_teacher)


def other_roles(request: RoleHttpRequest) -> OtherRoles:
    """Context processor for error pages: the user's other roles that can open the page."""
    return {"other_roles": lambda: _other_roles(request), "wanted": lambda: _wanted(request)}


def _wanted(request: HttpRequest) -> str:
    return way_back(request) if request.method == "POST" else request.get_full_path()


def _other_roles(request: RoleHttpRequest) -> list[Membership]:
    """Return the user's other roles that can open this address, with one query at most."""
    match = request.resolver_match
    allows = getattr(match and match.func, "allows", None)
    if match is None or allows is None or not local_page(request.get_full_path()):
        return []
    active, roles = request.membership, request.memberships
    fitting = [role for role in roles if role != active and allows(role)]
    if not match.kwargs or not fitting:
        return fitting
    # The table is outside of this app because it covers the routes of all apps.
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
