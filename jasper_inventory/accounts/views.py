"""The Role menu, finding organizations, and a page that this site leaves out of django-allauth."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from jasper_inventory.accounts.access import administrator_required
from jasper_inventory.accounts.fields import (
    MOST_OFFERED,
    OrganizationField,
    labels_of,
    suggestions,
)
from jasper_inventory.accounts.middleware import SESSION_KEY
from jasper_inventory.accounts.models import Membership
from jasper_inventory.accounts.services import use_role


@require_POST
def role_switch(request, pk):
    """Make one of the person's own roles the active one."""
    membership = get_object_or_404(Membership.objects.of_user(request.user), pk=pk)
    use_role(membership=membership)
    request.session[SESSION_KEY] = membership.pk
    messages.info(request, _("Your active role is now: %(role)s.") % {"role": membership})
    return redirect("/")


@require_safe
@administrator_required
def organization_find(request):
    """What `OrganizationField` suggests while one types: the first few, as a list's options."""
    within = request.membership.organization
    field = OrganizationField(within=within, only_children="children" in request.GET)
    typed = " ".join(request.GET.get("q", "").replace("\0", "").split())
    found = suggestions(typed, organizations=field.organizations)[:MOST_OFFERED]
    labels = labels_of(found, within=within)
    context = {"labels": [labels[one.pk] for one in found]}
    return render(request, "accounts/organization_find.html", context)


def not_offered(request):
    """Not found: e-mail addresses are CCI staff's to change, and here need no proof."""
    raise Http404
