"""Sign-in and security: a user's password, second factors, and linked accounts."""

from allauth.mfa.models import Authenticator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from jasper_inventory.accounts import second_factors
from jasper_inventory.accounts.decorators import UserHttpRequest


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
        "wanted": "" if is_missing else request.session.pop(second_factors.WANTED, ""),
    }
    return render(request, "accounts/security.html", context)
