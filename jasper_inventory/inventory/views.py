"""The Panel, the License Inventory page, and where the licenses are."""

from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from jasper_inventory.accounts.access import administrator_required, supplier_required
from jasper_inventory.inventory import where_lines
from jasper_inventory.inventory.filters import OrderFilter
from jasper_inventory.inventory.queries import (
    assigned_totals,
    inventory_rows,
    panel_counts,
    taught_licenses,
)
from jasper_inventory.inventory.where import Where, WhereForm

ROWS_PER_PAGE = 25
BRANCHES_PER_PAGE = 50


@require_safe
def panel(request):
    """The front page of the active role."""
    membership = request.membership
    if membership is None:
        if request.user.is_cci_staff:
            return redirect("admin:index")
        return render(request, "inventory/no_role.html")
    context = {}
    if membership.is_administrator:
        context["counts"] = panel_counts(membership.organization)
        context["ours"] = "&scope=ours" if membership.organization.gives_on else ""
    else:
        context["licenses"] = taught_licenses(membership)
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


@require_safe
@supplier_required
def where(request):
    """Where are my licenses? An organization with all below it, by branch and by product mix."""
    form = WhereForm(request.GET, membership=request.membership)
    if not form.is_valid():
        raise Http404
    chosen = form.cleaned_data
    found = Where(
        request.membership,
        at=chosen["at"],
        today=timezone.localdate(),
        inventory_type=chosen["type"],
        mix=chosen["mix"],
    )
    page = Paginator(found.children(), BRANCHES_PER_PAGE).get_page(request.GET.get("page"))
    whole, lines = where_lines.by_organization(found, list(page))
    mixes = [] if chosen["mix"] else where_lines.by_mix(found)
    context = {
        "form": form,
        "chosen": chosen,
        "path_to_it": found.path_to_it(),
        "columns": where_lines.COLUMNS,
        "whole": whole,
        "lines": lines,
        "page": page,
        "pages": page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1),
        "mixes": Paginator(mixes, BRANCHES_PER_PAGE).get_page(request.GET.get("mixes")),
    }
    return render(request, "inventory/where.html", context)
