"""Single sign-on: the people whom a service may sign in, and what counts of a sign-in there."""

import hmac
from typing import Any, NoReturn

from allauth.account.internal.flows.login import get_authentication_records, record_authentication
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.stages import AuthenticateStage
from allauth.socialaccount.adapter import (
    DefaultSocialAccountAdapter,
    _build_apps_from_settings,
    get_adapter,
)
from allauth.socialaccount.models import SocialAccount, SocialLogin
from allauth.socialaccount.providers.base import AuthProcess
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from jasper_inventory.accounts.models import User
from jasper_inventory.accounts.reauthentication import AT_SERVICE
from jasper_inventory.accounts.services.invitations import usable_invitation
from jasper_inventory.accounts.services.users import create_linked_account
from jasper_inventory.lib.exceptions import DomainError
from jasper_inventory.lib.text import clean_address

# The session key of an opened invitation, which keeps the secret out of later URLs.
OPENED = "invitation"
# How far the clock of a service may differ, in seconds.
_LEEWAY = 30


class SingleSignOnAdapter(DefaultSocialAccountAdapter):
    """Django-allauth's adapter: services of the settings only, and no open sign-up."""

    def list_apps(self, request: HttpRequest, provider: Any = None, client_id: Any = None) -> Any:
        found = _build_apps_from_settings(provider=provider, client_id=client_id)
        return [app for apps in found.values() for app in apps]

    def get_requests_session(self) -> Any:
        session = super().get_requests_session()
        # Services answer at the addresses that they name. Secrets are sent nowhere else.
        session.max_redirects = 0
        return session

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False

    def get_connect_redirect_url(self, request: HttpRequest, socialaccount: Any) -> str:
        return str(redirect("mfa_index").url)

    def on_authentication_error(
        self, request: HttpRequest, provider: Any, *_args: Any, **_kwargs: Any
    ) -> None:
        text = _("%(service)s didn't sign you in. Nothing was changed. Try again.")
        _refuse(request, text % {"service": provider.name})

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Find or create the person that a service vouches for, or refuse."""
        service = sociallogin.provider.name
        if not _belongs_together(sociallogin):
            text = _("%(service)s didn't sign you in. Nothing was changed. Try again.")
            _refuse(request, text % {"service": service})
        email = proven_address(sociallogin)
        # The site keeps addresses in a way of its own.
        sociallogin.email_addresses = []
        process = sociallogin.state.get("process")
        if process == AuthProcess.REDIRECT:
            _confirm(request, sociallogin)
        if process in (AuthProcess.REDIRECT, AuthProcess.CONNECT):
            return
        if not sociallogin.is_existing:
            user = _known_as(email) or _created(request, sociallogin, email)
            if user is None:
                text = _(
                    "No account here is linked to your %(service)s account. Sign in with your "
                    "password, then link it under “Sign-in and security”. Without an account, ask "
                    "your administrator for an invitation."
                )
                _refuse(request, text % {"service": service})
            sociallogin.connect(request, user)
        if _asked_for_two_factors(sociallogin):
            name = sociallogin.account.provider
            user = sociallogin.user
            record_authentication(request, user, "socialaccount", provider=name, second_factor=True)


class SecondFactorStage(AuthenticateStage):
    """Django-allauth's stage, left out if the service has already asked for two factors."""

    def _should_handle(self, request: HttpRequest) -> bool:
        records = get_authentication_records(request, self.login.user)
        is_shown = any(one.get("second_factor") for one in records)
        return not is_shown and bool(super()._should_handle(request))


def linked_services(request: HttpRequest) -> list[Any]:
    """Return the services with an account that is linked to the person's."""
    linked = SocialAccount.objects.filter(user=request.user).values_list("provider", flat=True)
    names, services = {*linked}, get_adapter(request).list_providers(request)
    return [one for one in services if one.sub_id in names]


def claims_of(sociallogin: SocialLogin) -> dict[str, Any]:
    """Return what the signed identity token says."""
    claims: dict[str, Any] = sociallogin.account.extra_data["id_token"]
    return claims


def proven_address(sociallogin: SocialLogin) -> str:
    """Return the email address that the service has verified, or "".

    A service that says nothing about it is believed for the domains that its settings name.
    """
    claims = claims_of(sociallogin) | sociallogin.account.extra_data.get("userinfo", {})
    email = clean_address(str(claims.get("email") or ""))
    domains = sociallogin.provider.app.settings.get("domains")
    is_of_domains = email.rpartition("@")[2] in domains if domains else True
    is_verified = claims.get("email_verified", bool(domains)) is True
    return email if "@" in email and is_verified and is_of_domains else ""


def _belongs_together(sociallogin: SocialLogin) -> bool:
    """Return whether the token answers the request of this browser, about one person."""
    claims, info = claims_of(sociallogin), sociallogin.account.extra_data.get("userinfo", {})
    nonce = sociallogin.state.get("nonce") or ""
    is_own = bool(nonce) and hmac.compare_digest(str(claims.get("nonce", "")), nonce)
    return is_own and info.get("sub", claims["sub"]) == claims["sub"]


def _asked_for_two_factors(sociallogin: SocialLogin) -> bool:
    return "mfa" in (claims_of(sociallogin).get("amr") or [])


def _confirm(request: HttpRequest, sociallogin: SocialLogin) -> None:
    """Record that the person who is signed in has signed in at a service again, or refuse.

    A service that doesn't say when someone signed in is believed: it was asked to ask again.
    """
    service = {"service": sociallogin.provider.name}
    back = sociallogin.state.get("next") or "/"
    to = f"{reverse(AT_SERVICE)}?{urlencode({'next': back})}"
    if not sociallogin.is_existing or sociallogin.user.pk != request.user.pk:
        text = _("This %(service)s account isn't linked to yours. Nothing was changed.")
        _refuse(request, text % service, to=to)
    asked_at = sociallogin.state["asked_at"]
    signed_in_at = claims_of(sociallogin).get("auth_time", asked_at)
    if not isinstance(signed_in_at, int | float) or signed_in_at < asked_at - _LEEWAY:
        text = _("%(service)s didn't ask you to sign in. Sign out there, then try again.")
        _refuse(request, text % service, to=to)
    shown = {"second_factor": True} if _asked_for_two_factors(sociallogin) else {}
    name = sociallogin.account.provider
    record_authentication(
        request, request.user, "socialaccount", provider=name, reauthenticated=True, **shown
    )
    # A copy of the session's key is worth nothing from now on.
    request.session.cycle_key()


def _known_as(email: str) -> User | None:
    """Return the person with this confirmed address. Staff link their accounts themselves."""
    people = User.objects.filter(is_active=True, is_staff=False, is_superuser=False)
    return people.filter(email=email).first() if email else None


def _created(request: HttpRequest, sociallogin: SocialLogin, email: str) -> User | None:
    """Create a person without roles, if they hold an invitation or the settings allow it."""
    is_invited = usable_invitation(request.session.get(OPENED, "")) is not None
    if not is_invited and not settings.SSO_CREATES_PEOPLE:
        return None
    if email and User.objects.filter(email=email).exists():
        return None
    fields = sociallogin.provider.extract_common_fields(sociallogin.account.extra_data)
    try:
        return create_linked_account(
            first_name=str(fields.get("first_name") or fields.get("name") or ""),
            last_name=str(fields.get("last_name") or ""),
            email=email,
        )
    except DomainError as refusal:
        _refuse(request, str(refusal))


def _refuse(request: HttpRequest, text: str, *, to: str = "mfa_index") -> NoReturn:
    messages.error(request, text)
    raise ImmediateHttpResponse(redirect(to if request.user.is_authenticated else "account_login"))
