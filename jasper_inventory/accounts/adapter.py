"""Django-allauth's adapter for this site: no open sign-up, emails through the queue."""

from datetime import timedelta
from typing import Any, ClassVar
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jasper_inventory.accounts import reauthentication, sign_in_log, sign_in_throttling
from jasper_inventory.accounts.emails import notify_of_sign_in_change, post_notice
from jasper_inventory.accounts.models import User
from jasper_inventory.accounts.services.log_entries import record
from jasper_inventory.accounts.services.passwords import change_password, note_reset_link
from jasper_inventory.accounts.signing_in import signed_in
from jasper_inventory.lib.exceptions import DomainError
from jasper_inventory.lib.returning import answers_get

# Emails sent for a password reset: to an account's address, or to an unknown one.
NEW_LINK = "account/email/password_reset_key"
RESETS = (NEW_LINK, "account/email/unknown_account")

# What the activity log calls a change of how a person signs in, by the name of its email.
_LOGGED = {
    "totp_activated": "mfa.added",
    "totp_deactivated": "mfa.removed",
    "webauthn_added": "mfa.added",
    "webauthn_removed": "mfa.removed",
    "recovery_codes_generated": "mfa.recovery codes created",
    "account_connected": "sign-in account.linked",
    "account_disconnected": "sign-in account.unlinked",
}
WRONG_SIGN_IN = gettext_lazy(
    "Your username or email address and your password don't match. Check them and try again."
)


class AccountAdapter(DefaultAccountAdapter):
    """Adapter without open sign-up (accounts need a code, an invitation or CCI staff)."""

    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": WRONG_SIGN_IN,
        "email_password_mismatch": WRONG_SIGN_IN,
        "enter_current_password": gettext_lazy("This isn't your current password."),
        "incorrect_password": gettext_lazy("This isn't your password."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def is_safe_url(self, url: str | None) -> bool:
        """Return whether django-allauth considers a URL safe and it can be opened."""
        try:
            return bool(url and super().is_safe_url(url) and answers_get(url))
        except ValueError:
            return False

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """Authenticate with our own throttling per account, which ignores the Host header."""
        try:
            attempt = sign_in_throttling.admit(request, credentials)
        except DomainError as refusal:
            sign_in_log.blocked(request, credentials)
            raise ValidationError(str(refusal), code="too_many_login_attempts") from None
        user: User | None = super().authenticate(request, **credentials)
        if user is not None:
            attempt.was_right()
        return user

    def login(self, request: HttpRequest, user: User) -> None:
        super().login(request, user)
        signed_in(request, user)

    def get_login_stages(self) -> list[str]:
        stages = [*super().get_login_stages()]
        ours = "jasper_inventory.accounts.sso.SecondFactorStage"
        stages[stages.index("allauth.mfa.stages.AuthenticateStage")] = ours
        return stages

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Return whether the last sign-in or confirmation was too long ago for a sensitive act."""
        return not reauthentication.is_recent(self.request)

    def get_reauthentication_methods(
        self, user: AbstractBaseUser | AnonymousUser
    ) -> list[dict[str, Any]]:
        """Return the ways to confirm who one is; the last is to sign in at a linked service."""
        url, description = reverse(reauthentication.AT_SERVICE), _("Sign in at a linked service")
        at_service = {"id": reauthentication.AT_SERVICE, "description": description, "url": url}
        return super().get_reauthentication_methods(user) or [at_service]

    def send_notification_mail(
        self,
        template_prefix: str,
        user: User,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        """Notify a person that how they sign in was changed."""
        change = template_prefix.rpartition("/")[2]
        # Changes of passwords are recorded where they are made.
        if change not in _LOGGED:
            return
        record(_LOGGED[change], by=user, on=user, after={"change": change})
        notify_of_sign_in_change.enqueue(user.pk, change)

    def set_password(self, user: User, password: str) -> None:
        """Set a password that the user has chosen on one of django-allauth's pages."""
        changed = change_password(password=password, by=user)
        user.password, user.must_change_password = changed.password, False

    def get_reset_password_from_key_url(self, key: str) -> str:
        """Return a URL with SITE_URL, because the request's host can't be trusted."""
        path: str = urlsplit(super().get_reset_password_from_key_url(key)).path
        return f"{settings.SITE_URL}{path}"

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Queue an email; do nothing for a username without an email address."""
        if "@" not in email:
            return
        # Silently, because an answer would reveal whether two names are the same account.
        if template_prefix in RESETS and not sign_in_throttling.may_send_reset(email):
            return
        if template_prefix == NEW_LINK:
            note_reset_link(context["user"])
        site = {"name": _("the License Inventory"), "domain": settings.SITE_URL}
        context = {"email": email, "current_site": site, **context}
        message = self.render_mail(template_prefix, email, context)
        html = [body for body, kind in getattr(message, "alternatives", []) if kind == "text/html"]
        post_notice(
            kind="account",
            address=email,
            recipient=context.get("user"),
            subject=message.subject,
            text=message.body,
            html=html[0] if html else "",
            expires_at=timezone.now() + timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT),
        )
