"""Lists of the inventory app as files."""

from collections.abc import Iterable
from functools import partial

from django.http import FileResponse, Http404, HttpResponse
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
from jasper_inventory.accounts.services.log_entries import record
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
from jasper_inventory.lib.downloads import limited_download
from jasper_inventory.lib.exports import FILE, as_download, kind_of_file
from jasper_inventory.lib.pagination import EXPORTED, every_row
from licenses.models import Order


@require_safe
@administrator_required
@limited_download
def order_export(request: MemberHttpRequest) -> HttpResponse | FileResponse:
    """Download the orders that the page lists, sorted as there.

    A search that the page refuses leads to the page, which says why.
    """
    membership, query = request.membership, request.GET.copy()
    kind = kind_of_file(request)
    query.pop(FILE, None)
    search = OrderFilter(query, Order.objects.visible_to(membership), request=request)
    if search.problems or search.form.errors:
        return redirect(f"{reverse('inventory:order_list')}?{query.urlencode()}")
    paginator = OrderPaginator(search.found, search.sections, membership, EXPORTED)
    record("list.exported", by=request.user, after={"list": "license-inventory"})
    return as_download(
        kind,
        name="license-inventory",
        title=_("License Inventory"),
        columns=order_columns(membership, hidden_columns(request)),
        rows=partial(every_row, paginator),
    )


@require_safe
@administrator_required
@limited_download
def request_export(request: MemberHttpRequest) -> FileResponse:
    """Download the pending requests that the page lists."""
    requests, _is_ours = listed_requests(request.membership, request.GET.get("of", ""))
    paginator = RequestPaginator(keys_of(requests), EXPORTED)
    record("list.exported", by=request.user, after={"list": "requests"})
    return as_download(
        kind_of_file(request),
        name="requests",
        title=_("Requests"),
        columns=REQUEST_COLUMNS,
        rows=partial(every_row, paginator),
    )


@require_safe
@supplier_required
@limited_download
def where_export(request: MemberHttpRequest) -> FileResponse:
    """Download License Distribution's numbers of an organization, by child or by mix."""
    form = DistributionForm(request.GET, membership=request.membership)
    if not form.is_valid():
        raise Http404
    chosen, today = form.cleaned_data, timezone.localdate()

    def rows() -> Iterable[distribution_lines.Line]:
        found = Where(
            request.membership,
            at=chosen["at"],
            today=today,
            inventory_type=chosen["type"],
            mix=chosen["mix"],
        )
        if chosen["by"]:
            return distribution_lines.by_mix(found)
        children = organizations(found.sorted_children(chosen))
        return distribution_rows(*distribution_lines.by_organization(found, children, {}, ""))

    record("list.exported", by=request.user, after={"list": "license-distribution"})
    return as_download(
        kind_of_file(request),
        name="license-distribution",
        title=_("License Distribution"),
        columns=distribution_columns(by_mix=bool(chosen["by"])),
        rows=rows,
    )
