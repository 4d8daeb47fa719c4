"""The License Inventory page and the list of requests."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from jasper_inventory.accounts.decorators import MemberHttpRequest, administrator_required
from jasper_inventory.accounts.models import Membership
from jasper_inventory.inventory.actions import inventory_actions, listed_actions
from jasper_inventory.inventory.columns import hidden_columns
from jasper_inventory.inventory.filters import OrderFilter
from jasper_inventory.inventory.queries import (
    OrderPaginator,
    RequestPaginator,
    add_pending_requests,
    assigned_totals,
    listed_requests,
    number_of,
    pending_requests,
    to_review,
)
from jasper_inventory.inventory.sorting import headings
from jasper_inventory.lib.pagination import sized_page
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
    shown = sized_page(
        request,
        lambda size: OrderPaginator(
            search.found, search.sections, membership, size, counted=search.counted
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
            "headings": headings(search.sorted_by),
            "hidden": hidden_columns(request),
            # The list without its own columns, to return to after choosing others.
            "unhidden": search.unhidden,
            "totals": assigned_totals(request.membership),
            "is_supplier": is_supplier,
            "to_review": _to_review(request.membership) if is_supplier else 0,
        },
    )


def _to_review(membership: Membership) -> int:
    return number_of(to_review(pending_requests(membership), membership))


@require_safe
@administrator_required
@reads_replica
def request_list(request: MemberHttpRequest) -> HttpResponse:
    """List pending requests, oldest first: those to review, or the organization's own."""
    membership = request.membership
    is_supplier = membership.organization.is_supplier
    requests, is_ours = listed_requests(membership, request.GET.get("of", ""))
    shown = sized_page(request, lambda size: RequestPaginator(requests, size))
    for asked in shown["page"].object_list:
        asked.actions = listed_actions(asked, membership, is_ours=is_ours)
    context = {
        **shown,
        "is_ours": is_ours,
        "is_supplier": is_supplier,
    }
    return render(request, "inventory/request_list.html", context)
