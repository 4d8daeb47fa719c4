"""Which roles a page is for."""

from functools import wraps

from django.core.exceptions import PermissionDenied


def administrator_required(view):
    """A page of administrators: another active role, or none, gets the page that says so (403)."""

    @wraps(view)
    def checked(request, *args, **kwargs):
        if request.membership is None or not request.membership.is_administrator:
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return checked


def opened_with(request, data):
    """The role that the form which sent `data` was opened with; the active one where there is none.

    In another tab one may have switched meanwhile: the window is still that of its role, as long
    as the person has it. `data` is None where no form was sent.
    """
    asking = data.get("asking") if data else None
    for membership in request.memberships:
        if membership.is_administrator and str(membership.organization_id) == asking:
            return membership
    return request.membership


def teacher_required(view):
    """A page of teachers, in the role where they teach (else 403)."""

    @wraps(view)
    def checked(request, *args, **kwargs):
        if request.membership is None or not request.membership.is_teacher:
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return checked


def supplier_required(view):
    """A page of administrators of organizations that give licenses on: not of a center (403)."""

    @administrator_required
    @wraps(view)
    def checked(request, *args, **kwargs):
        if not request.membership.organization.gives_on:
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return checked
