"""The page License Distribution."""

import re
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from jasper_inventory.accounts.decorators import MemberHttpRequest, supplier_required
from jasper_inventory.accounts.models import Organization
from jasper_inventory.inventory import distribution_lines
from jasper_inventory.inventory.distribution import (
    MOST_OPEN,
    DistributionForm,
    Where,
    organizations,
)
from jasper_inventory.lib.pagination import paged
from jasper_inventory.lib.replica import reads_replica

LINES_PER_PAGE = 25


@require_safe
@supplier_required
@reads_replica
def where(request: MemberHttpRequest) -> HttpResponse:
    """Show the seats of an organization by branch and by product mix."""
    form = DistributionForm(request.GET, membership=request.membership)
    if not form.is_valid():
        raise Http404
    chosen = form.cleaned_data
    found = _sums_at(chosen["at"], request, chosen)
    listed = _mixes if chosen["by"] else _branches
    context = {
        "form": form,
        "chosen": chosen,
        "path_to_it": found.path_to_it(),
        "columns": distribution_lines.COLUMNS,
        "has_children": found.at.numchild > 0,
        **listed(request, found, chosen),
    }
    return render(request, "inventory/where.html", context)


def _branches(request: MemberHttpRequest, found: Where, chosen: dict[str, Any]) -> dict[str, Any]:
    """Return a page of direct sub-organizations, and below those that are open, their own."""
    shown = paged(request, found.sorted_children(chosen), LINES_PER_PAGE)
    opened = {each.pk: _sums_at(each, request, chosen) for each in _opened(request, found)}
    whole, lines = distribution_lines.by_organization(
        found, organizations(shown["page"]), opened, _query(request)
    )
    return {**shown, "whole": whole, "lines": lines}


def _mixes(request: MemberHttpRequest, found: Where, _chosen: dict[str, Any]) -> dict[str, Any]:
    """Return a page of product mixes."""
    whole, _lines = distribution_lines.by_organization(found, [], {}, "")
    shown = paged(request, distribution_lines.by_mix(found), LINES_PER_PAGE)
    return {**shown, "whole": whole, "lines": shown["page"]}


def _sums_at(at: Organization, request: MemberHttpRequest, chosen: dict[str, Any]) -> Where:
    return Where(
        request.membership,
        at=at,
        today=timezone.localdate(),
        inventory_type=chosen["type"],
        mix=chosen["mix"],
    )


def _opened(request: MemberHttpRequest, found: Where) -> list[Organization]:
    """Return the organizations below the one shown that the address opens, in that order."""
    keys = [key for key in request.GET.getlist("open") if re.fullmatch("[0-9]{1,9}", key)]
    if not keys:
        return []
    visible = Organization.objects.visible_to(request.membership).in_scope_of(found.at)
    found_by_key = visible.in_bulk({int(key) for key in keys[:MOST_OPEN]})
    return [found_by_key[pk] for pk in dict.fromkeys(map(int, keys)) if pk in found_by_key]


def _query(request: MemberHttpRequest) -> str:
    query = request.GET.copy()
    query.pop("open", None)
    return query.urlencode()
