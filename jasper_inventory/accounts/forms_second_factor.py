"""Forms of second factors: django-allauth's, with our throttling and words."""

from typing import Any

from allauth.core import context
from allauth.mfa.base.forms import AuthenticateForm, BaseAuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.totp.internal.auth import SECRET_SESSION_KEY
from allauth.mfa.webauthn.forms import AddWebAuthnForm, EditWebAuthnForm
from cryptography.fernet import InvalidToken
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from jasper_inventory.accounts import sign_in_log, sign_in_throttling
from jasper_inventory.accounts.second_factors import SecondFactorAdapter
from jasper_inventory.accounts.services.log_entries import record
from jasper_inventory.lib.exceptions import DomainError
from jasper_inventory.lib.forms import TextField


def _code_field(label: Any, help_text: Any = "") -> TextField:
    return TextField(
        label=label,
        help_text=help_text,
        max_length=20,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false"}
        ),
    )


def _name_field() -> TextField:
    return TextField(
        label=_("Name"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=_("So that you recognize it later, such as “Work laptop”."),
    )


class _CodeForm(BaseAuthenticateForm):
    """A code of an authenticator app, or a recovery code; each is accepted once."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"] = _code_field(
            _("Code"), _("6 digits from your authenticator app, or one of your recovery codes.")
        )

    def clean_code(self) -> str:
        attempt = _admit(self.user)
        try:
            code: str = super().clean_code()
            is_from_app = self.authenticator.type == Authenticator.Type.TOTP
            if is_from_app and not sign_in_throttling.use_code_once(self.user, _digits(code)):
                raise SecondFactorAdapter().validation_error("incorrect_code")
        except ValidationError:
            sign_in_log.wrong_code(self.user)
            raise
        if not is_from_app:
            record("mfa.used", by=self.user, on=self.user)
        attempt.was_right()
        return code


class SecondFactorForm(_CodeForm, AuthenticateForm):
    """The second step of signing in."""


class SecondFactorAgainForm(_CodeForm, ReauthenticateForm):
    """The same, before a sensitive act."""


class AuthenticatorAppForm(ActivateTOTPForm):
    """The first code of an app. Until then, the session keeps its secret, encrypted."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"] = _code_field(_("Code"), _("The 6 digits that the app shows."))
        adapter, session = SecondFactorAdapter(), context.request.session
        try:
            self.secret: str = adapter.decrypt(self.secret)
        except InvalidToken:
            session[SECRET_SESSION_KEY] = adapter.encrypt(self.secret)

    def clean_code(self) -> str:
        attempt = _admit(self.user)
        code: str = super().clean_code()
        sign_in_throttling.use_code_once(self.user, _digits(code))
        attempt.was_right()
        return code


class PasskeyForm(AddWebAuthnForm):
    """A new passkey, which can always be used to sign in without a password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["passwordless"]
        self.fields["name"] = _name_field()
        self.fields["name"].required = False


class PasskeyNameForm(EditWebAuthnForm):
    """Another name for a passkey."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"] = _name_field()


def _admit(user: Any) -> sign_in_throttling.SignInAttempt:
    try:
        return sign_in_throttling.admit_second_factor(context.request, user)
    except DomainError as refusal:
        sign_in_log.blocked_code(user)
        raise ValidationError(str(refusal), code="too_many_login_attempts") from None


def _digits(code: str) -> str:
    return "".join(filter(str.isalnum, code))
