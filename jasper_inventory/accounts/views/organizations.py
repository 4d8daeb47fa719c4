"""Finding an organization by part of its name."""

from django.shortcuts import render
from django.views.decorators.http import require_safe

from jasper_inventory.accounts.decorators import administrator_required
from jasper_inventory.accounts.organization_field import (
    MOST_OFFERED,
    OrganizationField,
    labels_of,
    suggestions,
)


@require_safe
@administrator_required
def organization_find(request):
    """What `OrganizationField` suggests while one types: the first few, as a list's options."""
    within = request.membership.organization
    field = OrganizationField(within=within, only_children="children" in request.GET)
    typed = " ".join(request.GET.get("q", "").split())
    found = suggestions(typed, organizations=field.organizations)[:MOST_OFFERED]
    labels = labels_of(found, within=within)
    context = {"labels": [labels[one.pk] for one in found]}
    return render(request, "accounts/organization_find.html", context)
