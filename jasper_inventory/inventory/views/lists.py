"""The Panel and the License Inventory page."""

from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from activation_codes.courses import has_courses
from jasper_inventory.accounts.access import administrator_required
from jasper_inventory.inventory.filters import OrderFilter
from jasper_inventory.inventory.queries import (
    assigned_totals,
    inventory_rows,
    panel_counts,
    taught_licenses,
)
from jasper_inventory.lib.lists import paged

ROWS_PER_PAGE = 25
LICENSES_PER_PAGE = 10


@require_safe
def panel(request):
    """The front page of the active role."""
    membership = request.membership
    if membership is None:
        if request.user.is_cci_staff:
            return redirect("admin:index")
        if has_courses(request.user):
            return redirect("activation_codes:course_list")
        return render(request, "inventory/no_role.html")
    if membership.is_student:
        return redirect("activation_codes:course_list")
    context = {}
    if membership.is_administrator:
        context["counts"] = panel_counts(membership.organization)
        context["ours"] = "&scope=ours" if membership.organization.gives_on else ""
    else:
        context = paged(request, taught_licenses(membership), LICENSES_PER_PAGE)
    return render(request, "inventory/panel.html", context)


@require_safe
@administrator_required
def order_list(request):
    """The License Inventory: search, totals and the table."""
    search = OrderFilter(request.GET, inventory_rows(request.membership), request=request)
    page = Paginator(search.found, ROWS_PER_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "inventory/order_list.html",
        {
            "search": search,
            "page": page,
            "pages": page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1),
            "sort": search.sorted_by,
            "totals": assigned_totals(request.membership),
            "gives_on": request.membership.organization.gives_on,
        },
    )
