"""The Role menu, and revoking a role."""

from urllib.parse import urlsplit

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from jasper_inventory.accounts.decorators import (
    MemberHttpRequest,
    UserHttpRequest,
    administrator_required,
)
from jasper_inventory.accounts.form_roles import for_any_role
from jasper_inventory.accounts.middleware import SESSION_KEY
from jasper_inventory.accounts.models import Membership
from jasper_inventory.accounts.reauthentication import asks_again
from jasper_inventory.accounts.services.memberships import revoke_role, use_role
from jasper_inventory.lib.exceptions import DomainError
from jasper_inventory.lib.form_recovery import Opened, keep
from jasper_inventory.lib.returning import local_page, post_only


@require_http_methods(["GET", "HEAD", "POST"])
@administrator_required
@asks_again
def role_revoke(request: MemberHttpRequest, pk: int) -> HttpResponse:
    """Revoke an administrator's or teacher's role after confirmation."""
    memberships = Membership.objects.manageable_by(request.membership).listed()
    membership = get_object_or_404(memberships, pk=pk)
    refusal = ""
    if request.method == "POST":
        try:
            revoke_role(
                user=membership.user,
                organization=membership.organization,
                role=membership.role,
                by=request.user,
            )
        except DomainError as error:
            refusal = str(error)
        else:
            text = _("%(person)s is no longer %(role)s of %(organization)s.")
            names = {"person": membership.user, "organization": membership.organization}
            messages.success(request, text % {**names, "role": membership.role_name})
            own = membership == request.membership
            return redirect("/" if own else "accounts:invitation_list")
    context = {"membership": membership, "refusal": refusal}
    return render(request, "accounts/role_revoke.html", context)


@for_any_role
@post_only
def role_switch(request: UserHttpRequest, pk: int) -> HttpResponse:
    """Switch to another of the user's roles and continue to `next`.

    `typed` is the input for a form on that page.
    """
    membership = get_object_or_404(Membership.objects.of_user(request.user), pk=pk)
    use_role(membership=membership, by=request.user)
    # Other rights, another key. Forms opened before stay valid: their CSRF token doesn't change.
    request.session.cycle_key()
    request.session[SESSION_KEY] = membership.pk
    messages.info(request, _("Your active role is now %(role)s.") % {"role": membership})
    address = local_page(request.POST.get("next", ""))
    if address and (typed := request.POST.get("typed")):
        opened = Opened(request.user.pk, membership.pk, membership.full_name)
        keep(request, urlsplit(address).path, typed, opened)
    return redirect(address or "/")
