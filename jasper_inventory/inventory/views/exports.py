"""Lists of the inventory app as files."""

from collections.abc import Iterable
from functools import partial

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from jasper_inventory.accounts.decorators import (
    MemberHttpRequest,
    administrator_required,
    supplier_required,
)
from jasper_inventory.accounts.list_exports import list_export
from jasper_inventory.inventory import distribution_lines
from jasper_inventory.inventory.columns import hidden_columns
from jasper_inventory.inventory.distribution import DistributionForm, Where, organizations
from jasper_inventory.inventory.exports import (
    REQUEST_COLUMNS,
    distribution_columns,
    distribution_rows,
    order_columns,
)
from jasper_inventory.inventory.filters import OrderFilter
from jasper_inventory.inventory.queries import (
    OrderPaginator,
    RequestPaginator,
    keys_of,
    listed_requests,
)
from jasper_inventory.lib.exports import FILE, ListFile
from jasper_inventory.lib.pagination import EXPORTED, every_row
from licenses.models import Order


@require_safe
@administrator_required
@list_export
def order_export(request: MemberHttpRequest, _typed: str | None) -> ListFile | HttpResponse:
    """Download the orders that the page lists, sorted as there.

    A search that the page refuses leads to the page, which says why.
    """
    membership, query = request.membership, request.GET.copy()
    query.pop(FILE, None)
    search = OrderFilter(query, Order.objects.visible_to(membership), request=request)
    if search.problems or search.form.errors:
        return redirect(f"{reverse('inventory:order_list')}?{query.urlencode()}")
    paginator = OrderPaginator(search.found, search.sections, membership, EXPORTED)
    return ListFile(
        name="license-inventory",
        title=_("License Inventory"),
        columns=order_columns(membership, hidden_columns(request)),
        rows=partial(every_row, paginator),
        counted=search.found.order_by(),
        logged_as="license-inventory",
    )


@require_safe
@administrator_required
@list_export
def request_export(request: MemberHttpRequest, _typed: str | None) -> ListFile:
    """Download the pending requests that the page lists."""
    requests, _is_ours = listed_requests(request.membership, request.GET.get("of", ""))
    keys = keys_of(requests)
    return ListFile(
        name="requests",
        title=_("Requests"),
        columns=REQUEST_COLUMNS,
        rows=partial(every_row, RequestPaginator(keys, EXPORTED)),
        counted=keys,
        logged_as="requests",
    )


@require_safe
@supplier_required
@list_export
def where_export(request: MemberHttpRequest, _typed: str | None) -> ListFile:
    """Download License Distribution's numbers of an organization.

    They are listed as on the page: by direct sub-organization, or by product mix.
    """
    form = DistributionForm(request.GET, membership=request.membership)
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
    by_mix = bool(chosen["by"])

    def rows() -> Iterable[distribution_lines.Line]:
        if by_mix:
            return distribution_lines.by_mix(found)
        children = organizations(found.sorted_children(chosen))
        return distribution_rows(*distribution_lines.by_organization(found, children, {}, ""))

    return ListFile(
        name="license-distribution",
        title=_("License Distribution"),
        columns=distribution_columns(by_mix=by_mix),
        rows=rows,
        # The product mixes of a branch are always few.
        counted=() if by_mix else found.children(chosen["name"]),
        logged_as="license-distribution",
    )
