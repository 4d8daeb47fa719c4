"""The Transfers page, and its workbook."""

from django.core.paginator import Paginator
from django.shortcuts import render
from django.views.decorators.http import require_safe

from jasper_inventory.accounts.decorators import administrator_required
from licenses import exports
from licenses.filters import TransferFilter
from licenses.models import Transfer

ROWS_PER_PAGE = 25


def _search(request):
    transfers = Transfer.objects.visible_to(request.membership).with_people()
    return TransferFilter(request.GET, transfers, request=request)


@require_safe
@administrator_required
def transfer_list(request):
    """Every movement between two orders of the role's scope, newest first."""
    search = _search(request)
    page = Paginator(search.found, ROWS_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "search": search,
        "page": page,
        "pages": page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1),
    }
    return render(request, "licenses/transfer_list.html", context)


@require_safe
@administrator_required
def transfer_download(request):
    """What the list shows, as a workbook."""
    return exports.transfers_as_download(_search(request).found)
