"""Forms for sign-in, passwords, invitations, new accounts and Email Alerts."""

from typing import Any

from allauth.account.forms import LoginForm, ResetPasswordForm, ResetPasswordKeyForm
from django import forms
from django.core.validators import validate_email
from django.http import Http404
from django.utils.translation import gettext_lazy as _

from jasper_inventory.accounts.browsers import browser_of
from jasper_inventory.accounts.models import Organization, Role, Topic, User
from jasper_inventory.accounts.password_rules import PASSWORD_HELP
from jasper_inventory.accounts.services.passwords import reset_password
from jasper_inventory.accounts.submissions import TokenField
from jasper_inventory.lib.exceptions import DomainError
from jasper_inventory.lib.forms import AddressField, TextField
from jasper_inventory.lib.text import clean_address


class SignInForm(LoginForm):
    """Django-allauth's sign-in form; its page has the link to reset a password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.request is not None:
            # Sets the cookie now, so that throttling soon no longer counts the browser as new.
            browser_of(self.request)
        self.fields["login"].label = _("Username or email")
        self.fields["login"].widget.attrs |= {
            "autocomplete": "username",
            "autocapitalize": "none",
            "spellcheck": "false",
        }
        self.fields["password"].help_text = ""
        for name in ("login", "password"):
            self.fields[name].widget.attrs.pop("placeholder", None)

    def user_credentials(self) -> dict[str, str]:
        """Return the username of the account and the typed password.

        An unknown name is returned unchanged, so that refusing it takes the same time.
        """
        user = User.objects.signing_in_as(self.cleaned_data["login"])
        typed = user.username if user else self.cleaned_data["login"]
        return {"username": typed, "password": self.cleaned_data["password"]}


class ForgottenPasswordForm(ResetPasswordForm):
    """Django-allauth's form, which also accepts a username.

    The answer doesn't reveal whether the account exists or has an email address.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"] = TextField(
            label=_("Email or username"),
            max_length=254,
            widget=forms.TextInput(
                attrs={
                    "autocomplete": "username",
                    "autocapitalize": "none",
                    "spellcheck": "false",
                }
            ),
        )

    def clean_email(self) -> str:
        typed: str = self.cleaned_data["email"]
        user = User.objects.signing_in_as(typed)
        address = (user.email or user.unconfirmed_email) if user and user.is_active else ""
        self.users = [user] if address else []
        if "@" in typed and not address:
            validate_email(typed)
        return address or clean_address(typed)


class NewPasswordByLinkForm(ResetPasswordKeyForm):
    """Django-allauth's form; opening the link proves that the mailbox is the user's."""

    def save(self) -> None:
        try:
            reset_password(password=self.cleaned_data["password1"], by=self.user)
        except DomainError as refusal:
            # Another account proved the address after the link was checked.
            raise Http404 from refusal


class ChoosePasswordForm(forms.Form):
    """A new password to replace one that a teacher knows; it is visible, so typed only once."""

    password = forms.CharField(
        label=_("New password"),
        strip=False,
        max_length=128,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=PASSWORD_HELP,
    )


class InvitationForm(forms.Form):
    """An invitation to an organization."""

    email = AddressField(
        label=_("Email"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "off"})
    )
    role = forms.TypedChoiceField(label=_("Role"), coerce=int, widget=forms.RadioSelect)

    def __init__(self, *args: Any, organization: Organization, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        role = self.fields["role"]
        assert isinstance(role, forms.TypedChoiceField)
        roles = (Role.ADMINISTRATOR, Role.TEACHER)
        role.choices = [(one.value, organization.name_of_role(one)) for one in roles]


class NewAccountForm(forms.Form):
    """A new account; services check its username and password."""

    form_token = TokenField()
    first_name = TextField(
        label=_("First Name"),
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "given-name"}),
    )
    last_name = TextField(
        label=_("Last Name"),
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "family-name"}),
    )
    username = TextField(
        label=_("Username"),
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none"}),
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=PASSWORD_HELP,
    )
    password_again = forms.CharField(
        label=_("Password (again)"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        again = cleaned.get("password_again")
        if again and cleaned.get("password") and cleaned["password"] != again:
            self.add_error("password_again", _("The two passwords are not the same."))
        return cleaned

    def account(self) -> dict[str, Any]:
        """Return the arguments of `create_invited_account`, except the email address."""
        others = ("form_token", "password_again")
        return {name: self.cleaned_data[name] for name in self.fields if name not in others}


class EmailAlertsForm(forms.Form):
    """The topics about which a user wants emails."""

    topics = forms.MultipleChoiceField(
        label=_("Send me an email about"),
        required=False,
        choices=Topic.choices,
        widget=forms.CheckboxSelectMultiple,
    )
