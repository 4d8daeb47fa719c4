"""The page License Distribution."""

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from jasper_inventory.accounts.decorators import MemberHttpRequest, supplier_required
from jasper_inventory.inventory import distribution_lines
from jasper_inventory.inventory.distribution import DistributionForm, Where
from jasper_inventory.lib.pagination import paged
from jasper_inventory.lib.replica import reads_replica

BRANCHES_PER_PAGE = 50


@require_safe
@supplier_required
@reads_replica
def where(request: MemberHttpRequest) -> HttpResponse:
    """Show the seats of an organization by branch and by product mix."""
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
    shown = paged(request, found.children(), BRANCHES_PER_PAGE)
    whole, lines = distribution_lines.by_organization(found, list(shown["page"]))
    mixes = [] if chosen["mix"] else distribution_lines.by_mix(found)
    context = {
        "form": form,
        "chosen": chosen,
        "path_to_it": found.path_to_it(),
        "columns": distribution_lines.COLUMNS,
        "whole": whole,
        "lines": lines,
        **shown,
        "mixes": Paginator(mixes, BRANCHES_PER_PAGE).get_page(request.GET.get("mixes")),
    }
    return render(request, "inventory/where.html", context)
