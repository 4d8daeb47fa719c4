"""Second factors: their secrets, for whom they are required, and if the session has shown one.

The session knows how its person signed in, so ordinary pages need no query.
"""

import base64
from typing import Any

from allauth.account.internal.flows.login import (
    AUTHENTICATION_METHODS_SESSION_KEY,
    get_authentication_records,
    record_authentication,
)
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.http import HttpRequest
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jasper_inventory.accounts.decorators import RoleHttpRequest
from jasper_inventory.accounts.models import Role, User
from jasper_inventory.lib.qr import qr_svg

# The session key of the page that was asked for before a second factor was set up.
WANTED = "wanted_before_second_factor"
FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
# Pages that are open before a required second factor is set up.
PAGES = frozenset(
    {
        *("mfa_index", "mfa_activate_totp", "mfa_add_webauthn", "mfa_list_webauthn"),
        *("mfa_reauthenticate", "mfa_reauthenticate_webauthn", "account_reauthenticate"),
        *("mfa_view_recovery_codes", "mfa_download_recovery_codes", "account_change_password"),
        *("accounts:sso_begin", "accounts:sso_confirm", "sso_callback"),
    }
)


class SecondFactorAdapter(DefaultMFAAdapter):
    """Django-allauth's adapter, with secrets encrypted at rest."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": gettext_lazy(
            "This code isn't right, or it was used before. Try the next one. If it isn't right "
            "either, let your phone set its time automatically."
        ),
    }

    def encrypt(self, text: str) -> str:
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _cipher().decrypt(encrypted_text.encode()).decode()

    def build_totp_svg(self, url: str) -> str:
        return qr_svg(url)

    def generate_authenticator_name(self, user: Any, type: Authenticator.Type) -> str:
        number = Authenticator.objects.filter(user_id=user.pk, type=type).count() + 1
        return _("Passkey") if number == 1 else _("Passkey %(number)d") % {"number": number}

    def _get_site_name(self) -> str:
        return str(settings.MFA_TOTP_ISSUER)


def encrypted_again(text: str) -> str:
    """Return what `encrypt` made with an earlier key, encrypted with today's."""
    return _cipher().rotate(text.encode()).decode()


def _cipher() -> MultiFernet:
    """Return the cipher: SECRET_KEY encrypts; earlier ones still decrypt."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([Fernet(_derived(key)) for key in keys])


def _derived(secret: str) -> bytes:
    digest = salted_hmac("accounts.second_factors", "", secret=secret, algorithm="sha256").digest()
    return base64.urlsafe_b64encode(digest)


def is_missing(request: RoleHttpRequest) -> bool:
    """Return whether this session still has to show a second factor."""
    return not is_shown(request) and is_required(request)


def is_shown(request: HttpRequest) -> bool:
    """Return whether the person signed in with a second factor, or has set one up since."""
    assert request.user.is_authenticated
    records = get_authentication_records(request, request.user)
    return any(one["method"] == "mfa" or one.get("second_factor") for one in records)


def is_required(request: RoleHttpRequest) -> bool:
    """Return whether the person must have one: by the settings, or by an organization's rule."""
    user = request.user
    assert user.is_authenticated
    if settings.MFA_REQUIRED_FOR_ALL:
        return True
    if settings.MFA_REQUIRED and (user.is_staff or user.is_superuser):
        return True
    return any(
        role.role != Role.STUDENT and role.organization.requires_second_factor
        for role in request.memberships
    )


def has_any(user: User) -> bool:
    """Return whether a person has a second factor."""
    return bool(Authenticator.objects.filter(user=user, type__in=FACTORS).exists())


def was_added(request: HttpRequest, user: User, authenticator: Authenticator, **_: Any) -> None:
    """Remember in the session that a second factor was just shown to work."""
    if authenticator.type in FACTORS:
        record_authentication(request, user, "mfa", id=authenticator.pk, type=authenticator.type)


def was_removed(request: HttpRequest, user: User, **_: Any) -> None:
    """Forget in the session that a second factor was shown, if none is left."""
    if not has_any(user):
        records = get_authentication_records(request, user)
        kept = [one for one in records if one["method"] != "mfa"]
        request.session[AUTHENTICATION_METHODS_SESSION_KEY] = kept
