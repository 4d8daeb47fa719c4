"""The Panel: the front page of the active role."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from activation_codes.courses import has_courses
from jasper_inventory.accounts.decorators import UserHttpRequest
from jasper_inventory.inventory.queries import (
    number_of,
    panel_counts,
    pending_requests,
    taught_licenses,
    to_review,
)
from jasper_inventory.inventory.views.lists import LICENSES_PER_PAGE
from jasper_inventory.lib.pagination import paged
from jasper_inventory.lib.replica import reads_replica


@require_safe
@reads_replica
def panel(request: UserHttpRequest) -> HttpResponse:
    """Show the front page of the active role."""
    membership = request.membership
    if membership is None:
        if request.user.is_cci_staff:
            return redirect("admin:index")
        if has_courses(request.user):
            return redirect("activation_codes:course_list")
        return render(request, "inventory/no_role.html")
    if membership.is_student:
        return redirect("activation_codes:course_list")
    context: dict[str, Any] = {}
    if membership.is_administrator:
        pending = pending_requests(membership)
        context["counts"] = panel_counts(membership, pending)
        context["ours"] = "&scope=ours" if membership.organization.is_supplier else ""
        if membership.organization.is_supplier:
            context["to_review"] = number_of(to_review(pending, membership))
    else:
        context = paged(request, taught_licenses(membership), LICENSES_PER_PAGE)
    return render(request, "inventory/panel.html", context)
