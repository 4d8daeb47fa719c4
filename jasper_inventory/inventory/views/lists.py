"""The License Inventory page and the list of requests."""

from django.core.paginator import Paginator
from django.shortcuts import render
from django.views.decorators.http import require_safe

from jasper_inventory.accounts.decorators import administrator_required
from jasper_inventory.inventory.filters import OrderFilter
from jasper_inventory.inventory.queries import (
    RequestPaginator,
    add_pending_requests,
    assigned_totals,
    inventory_rows,
    ours,
    to_decide,
)

ROWS_PER_PAGE = 25
LICENSES_PER_PAGE = 10
# Of what waits for our decision, on the inventory page; the rest stands on the Requests page.
WAITING_SHOWN = 5


@require_safe
@administrator_required
def order_list(request):
    """The License Inventory: search, totals and the table."""
    search = OrderFilter(request.GET, inventory_rows(request.membership), request=request)
    page = Paginator(search.found, ROWS_PER_PAGE).get_page(request.GET.get("page"))
    add_pending_requests(page.object_list)
    gives_on = request.membership.organization.gives_on
    return render(
        request,
        "inventory/order_list.html",
        {
            "search": search,
            "page": page,
            "pages": page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1),
            "sort": search.sorted_by,
            "totals": assigned_totals(request.membership),
            "gives_on": gives_on,
            "waiting": _waiting(request.membership) if gives_on else None,
        },
    )


def _waiting(membership):
    """The oldest of the requests that wait for our decision: a page of them."""
    return RequestPaginator(to_decide(membership), WAITING_SHOWN).get_page(1)


@require_safe
@administrator_required
def request_list(request):
    """Pending requests, oldest first: those that we decide, or our own."""
    membership = request.membership
    gives_on = membership.organization.gives_on
    is_ours = not gives_on or request.GET.get("of") == "ours"
    requests = ours(membership) if is_ours else to_decide(membership)
    page = RequestPaginator(requests, ROWS_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "pages": page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1),
        "is_ours": is_ours,
        "gives_on": gives_on,
    }
    return render(request, "inventory/request_list.html", context)
