"""The forms of signing in, inviting, somebody invited who is new, and Email Alerts."""

from allauth.account.forms import LoginForm, ResetPasswordForm, ResetPasswordKeyForm
from django import forms
from django.contrib.auth.password_validation import password_validators_help_text_html
from django.core.validators import validate_email
from django.http import Http404
from django.utils.translation import gettext_lazy as _

from jasper_inventory.accounts.browsers import browser_of
from jasper_inventory.accounts.models import Role, Topic, User
from jasper_inventory.accounts.passwords import PASSWORD_HELP
from jasper_inventory.accounts.services.passwords import reset_password
from jasper_inventory.lib.exceptions import DomainError
from jasper_inventory.lib.forms import AddressField, TextField, TokenField
from jasper_inventory.lib.text import clean_address


class SignInForm(LoginForm):
    """Django-allauth's, named for what one may type; its page has the link to a new password."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.request is not None:
            # From now on the browser has its cookie, and soon is no new one to throttling.
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

    def user_credentials(self):
        """The username of the account that is meant, however it was typed: one lookup for all.

        A name that nobody has goes on as it is: it is refused in the same time.
        """
        user = User.objects.signing_in_as(self.cleaned_data["login"])
        typed = user.username if user else self.cleaned_data["login"]
        return {"username": typed, "password": self.cleaned_data["password"]}


class ForgottenPasswordForm(ResetPasswordForm):
    """Django-allauth's, which takes what one signs in with: an email address or a username.

    The answer is the same for all: whether there is such an account, and whether it has an address.
    """

    def __init__(self, *args, **kwargs):
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

    def clean_email(self):
        typed = self.cleaned_data["email"]
        user = User.objects.signing_in_as(typed)
        address = (user.email or user.unconfirmed_email) if user and user.is_active else ""
        self.users = [user] if address else []
        if "@" in typed and not address:
            validate_email(typed)
        return address or clean_address(typed)


class NewPasswordByLinkForm(ResetPasswordKeyForm):
    """Django-allauth's; whoever opened the link has the mailbox it was sent to."""

    def save(self):
        try:
            reset_password(password=self.cleaned_data["password1"], by=self.user)
        except DomainError as refusal:
            # Another account proved the address since the link was checked, a moment ago.
            raise Http404 from refusal


class ChoosePasswordForm(forms.Form):
    """A new password instead of one that a teacher knows. It can be shown, so it is typed once."""

    password = forms.CharField(
        label=_("New password"),
        strip=False,
        max_length=128,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=PASSWORD_HELP,
    )


class InvitationForm(forms.Form):
    """Whom to invite as what."""

    email = AddressField(
        label=_("Email"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "off"})
    )
    role = forms.TypedChoiceField(label=_("Role"), coerce=int, widget=forms.RadioSelect)

    def __init__(self, *args, organization, **kwargs):
        super().__init__(*args, **kwargs)
        administrator = _("%(level)s Admin") % {"level": organization.get_level_display()}
        self.fields["role"].choices = [
            (Role.ADMINISTRATOR.value, administrator),
            (Role.TEACHER.value, Role.TEACHER.label),
        ]


class NewAccountForm(forms.Form):
    """What somebody new chooses; services check username and password."""

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
        help_text=password_validators_help_text_html,
    )
    password_again = forms.CharField(
        label=_("Password (again)"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean(self):
        cleaned = super().clean()
        again = cleaned.get("password_again")
        if again and cleaned.get("password") and cleaned["password"] != again:
            self.add_error("password_again", _("The two passwords are not the same."))
        return cleaned

    def account(self):
        """What `create_account` takes."""
        return {name: self.cleaned_data[name] for name in self.fields if name != "password_again"}


class EmailAlertsForm(forms.Form):
    """The topics of which one gets emails."""

    topics = forms.MultipleChoiceField(
        label=_("Send me an email about"),
        required=False,
        choices=Topic.choices,
        widget=forms.CheckboxSelectMultiple,
    )
