"""The License Inventory page and the list of requests."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from jasper_inventory.accounts.decorators import MemberHttpRequest, administrator_required
from jasper_inventory.inventory.actions import inventory_actions, listed_actions
from jasper_inventory.inventory.columns import hidden_columns
from jasper_inventory.inventory.filters import OrderFilter
from jasper_inventory.inventory.queries import (
    OrderPaginator,
    RequestPaginator,
    add_pending_requests,
    assigned_totals,
    keys_of,
    listed_requests,
    pages_to_review,
)
from jasper_inventory.lib.pagination import MOST_COUNTED, sized_page
from jasper_inventory.lib.replica import reads_replica
from licenses.models import Order

LICENSES_PER_PAGE = 10


@require_safe
@administrator_required
@reads_replica
def order_list(request: MemberHttpRequest) -> HttpResponse:
    """Show the License Inventory: search, totals and the table."""
    membership = request.membership
    search = OrderFilter(request.GET, Order.objects.visible_to(membership), request=request)
    totals = assigned_totals(membership)
    shown = sized_page(
        request,
        lambda size: OrderPaginator(
            search.found, search.sections, membership, size, counted=_counted(search, totals)
        ),
    )
    page = shown["page"]
    add_pending_requests(page.object_list)
    for order in page.object_list:
        order.actions = inventory_actions(order, request.membership)
    is_supplier = request.membership.organization.is_supplier
    return render(
        request,
        "inventory/order_list.html",
        {
            "search": search,
            **shown,
            "hidden": hidden_columns(request),
            # The list without its own columns, to return to after choosing others.
            "unhidden": search.unhidden,
            "totals": totals,
            "is_supplier": is_supplier,
            "to_review": pages_to_review(membership, 1).count if is_supplier else 0,
        },
    )


def _counted(search: OrderFilter, totals: dict[str, int]) -> int | None:
    """Return the number of found orders up to the limit, if it is known without counting them."""
    if search.counted is None and not search.chips:
        approved = totals["scope_center_licenses"] + totals["scope_activation_codes"]
        return approved if approved > MOST_COUNTED else None
    return search.counted


@require_safe
@administrator_required
@reads_replica
def request_list(request: MemberHttpRequest) -> HttpResponse:
    """List pending requests, oldest first: those to review, or the organization's own."""
    membership = request.membership
    is_supplier = membership.organization.is_supplier
    requests, is_ours = listed_requests(membership, request.GET.get("of", ""))
    keys = keys_of(requests)
    shown = sized_page(request, lambda size: RequestPaginator(keys, size))
    for asked in shown["page"].object_list:
        asked.actions = listed_actions(asked, membership, is_ours=is_ours)
    context = {
        **shown,
        "is_ours": is_ours,
        "is_supplier": is_supplier,
    }
    return render(request, "inventory/request_list.html", context)
