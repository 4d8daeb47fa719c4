"""The forms of signing in, inviting, somebody invited who is new, and E-mail Alerts."""

from allauth.account.forms import LoginForm, ResetPasswordForm
from django import forms
from django.contrib.auth.password_validation import password_validators_help_text_html
from django.utils.translation import gettext_lazy as _

from jasper_inventory.accounts.models import Role, Topic, User
from jasper_inventory.lib.forms import AddressField, TextField, TokenField
from jasper_inventory.lib.text import clean_address, clean_username


class SignInForm(LoginForm):
    """Django-allauth's, named for what one may type; its page has the link to a new password."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("User name or e-mail")
        self.fields["password"].help_text = ""
        for name in ("login", "password"):
            self.fields[name].widget.attrs.pop("placeholder", None)

    def clean_login(self):
        """An address in the one spelling in which it is stored."""
        login = super().clean_login()
        return clean_address(login) if "@" in login else clean_username(login)

    def user_credentials(self):
        """As user name or as e-mail, never as both: to refuse an address that someone has would
        take twice as long, and tell it from others."""
        credentials = super().user_credentials()
        if "username" in credentials and "email" in credentials:
            is_name = User.objects.filter(username__iexact=credentials["username"]).exists()
            del credentials["email" if is_name else "username"]
        return credentials


class ForgottenPasswordForm(ResetPasswordForm):
    """Django-allauth's, which says what helps who has no e-mail address: many pupils have none."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        field = self.fields["email"]
        field.label = _("E-mail")
        field.widget.attrs.pop("placeholder", None)
        field.error_messages["invalid"] = _(
            "This is no e-mail address. If you sign in with a user name and have none, your "
            "teacher or the administrator of your center sets a new password for you."
        )

    def clean_email(self):
        """Django-allauth's, for the one spelling in which the address is stored."""
        self.cleaned_data["email"] = clean_address(self.cleaned_data["email"])
        return super().clean_email()


class InvitationForm(forms.Form):
    """Whom to invite as what."""

    email = AddressField(
        label=_("E-mail"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "off"})
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
    """What somebody new chooses; services check user name and password."""

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
        label=_("User Name"),
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
    """The topics of which one gets e-mails."""

    topics = forms.MultipleChoiceField(
        label=_("Send me an e-mail about"),
        required=False,
        choices=Topic.choices,
        widget=forms.CheckboxSelectMultiple,
    )
