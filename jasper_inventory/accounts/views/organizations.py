"""Finding an organization by part of its name."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from jasper_inventory.accounts.decorators import MemberHttpRequest, administrator_required
from jasper_inventory.accounts.organization_field import (
    MOST_OFFERED,
    OrganizationField,
    labels_of,
    suggestions,
)


@require_safe
@administrator_required
def organization_find(request: MemberHttpRequest) -> HttpResponse:
    """Suggest organizations, as options of a list, while the user types."""
    within = request.membership.organization
    field = OrganizationField(within=within, only_children="children" in request.GET)
    typed = " ".join(request.GET.get("q", "").split())
    found = suggestions(typed, organizations=field.organizations)[:MOST_OFFERED]
    labels = labels_of(found, within=within)
    context = {"labels": [labels[one.pk] for one in found]}
    return render(request, "accounts/organization_find.html", context)
