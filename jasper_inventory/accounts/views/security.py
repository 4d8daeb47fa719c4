"""Sign-in and security: a user's password, second factors, and linked accounts."""

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from jasper_inventory.accounts import second_factors
from jasper_inventory.accounts.decorators import (
    MemberHttpRequest,
    UserHttpRequest,
    administrator_required,
)
from jasper_inventory.accounts.reauthentication import asks_again
from jasper_inventory.accounts.services.second_factors import set_second_factor_required


@never_cache
@require_safe
def security(request: UserHttpRequest) -> HttpResponse:
    """Show how the user signs in, and what can be changed about it."""
    factors = list(Authenticator.objects.filter(user=request.user).order_by("pk"))
    codes = [one for one in factors if one.type == Authenticator.Type.RECOVERY_CODES]
    is_missing = second_factors.is_missing(request)
    context = {
        "app": next((one for one in factors if one.type == Authenticator.Type.TOTP), None),
        "passkeys": [one for one in factors if one.type == Authenticator.Type.WEBAUTHN],
        "has_recovery_codes": bool(codes),
        "unused": len(codes[0].wrap().get_unused_codes()) if codes else 0,
        "is_missing": is_missing,
        "is_required": second_factors.is_required(request),
        "linked": SocialAccount.objects.filter(user=request.user).order_by("pk"),
        "wanted": "" if is_missing else request.session.pop(second_factors.WANTED, ""),
    }
    return render(request, "accounts/security.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@administrator_required
@asks_again
def second_factor_require(request: MemberHttpRequest) -> HttpResponse:
    """Require a second factor of the organization's administrators and teachers, or no longer."""
    organization = request.membership.organization
    if request.method == "POST":
        is_required = request.POST.get("required") == "yes"
        set_second_factor_required(
            organization=organization, is_required=is_required, by=request.user
        )
        text = (
            _("Administrators and teachers of %(organization)s now need a second factor.")
            if is_required
            else _("A second factor is no longer required at %(organization)s.")
        )
        messages.success(request, text % {"organization": organization})
        return redirect("accounts:invitation_list")
    return render(request, "accounts/second_factor_require.html", {"organization": organization})
