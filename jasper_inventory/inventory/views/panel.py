"""The Panel: the front page of the active role, and the overview below its counts."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from activation_codes.courses import has_courses
from jasper_inventory.accounts.decorators import (
    MemberHttpRequest,
    UserHttpRequest,
    administrator_required,
)
from jasper_inventory.inventory.charts import month_chart, seats_chart
from jasper_inventory.inventory.overview import named_holders, overview_of
from jasper_inventory.inventory.queries import (
    OURS,
    TO_REVIEW,
    panel_counts,
    taught_licenses,
    teaching_counts,
    waiting,
)
from jasper_inventory.inventory.views.lists import LICENSES_PER_PAGE
from jasper_inventory.lib.pagination import paged
from jasper_inventory.lib.replica import reads_replica
from licenses.activity import recent_acts
from licenses.product_mix import Catalogue

MOST_ACTS = 8


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
        context["counts"] = panel_counts(membership)
        context["ours"] = "&scope=ours" if membership.organization.is_supplier else ""
        if membership.organization.is_supplier:
            context["to_review"] = waiting(membership, TO_REVIEW)[0]
    else:
        context = paged(request, taught_licenses(membership), LICENSES_PER_PAGE)
        context["teaching"] = teaching_counts(membership)
        context["catalogue"] = Catalogue()
    return render(request, "inventory/panel.html", context)


@require_safe
@administrator_required
@reads_replica
def overview(request: MemberHttpRequest) -> HttpResponse:
    """Show what needs attention in the role's scope, as a part of the Panel or a page."""
    membership, today = request.membership, timezone.localdate()
    found = overview_of(membership, today)
    is_supplier = membership.organization.is_supplier
    context = {
        "needs": {name.replace("-", "_"): number for name, number in found.needs.items()},
        "holders": named_holders(found) if is_supplier else [],
        "months": month_chart(found.months),
        "seats": seats_chart(found.mixes),
        "acts": recent_acts(membership, MOST_ACTS),
        "own": waiting(membership, OURS),
        "to_review": waiting(membership, TO_REVIEW) if is_supplier else (0, None),
        "counted_at": found.counted_at,
        "is_supplier": is_supplier,
    }
    template = "inventory/overview_parts.html" if request.htmx else "inventory/overview.html"
    return render(request, template, context)
