"""The forms of the User Activation Codes window, and of the pages to redeem codes."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from activation_codes.code_types import CodeType
from activation_codes.models.handouts import MOST_IN_NOTE
from activation_codes.selections import MOST_SELECTED
from jasper_inventory.accounts.password_rules import PASSWORD_HELP
from jasper_inventory.accounts.services.users import NewAccount
from jasper_inventory.accounts.submissions import TokenField
from jasper_inventory.lib.forms import AddressField, TextField, WholeNumberField
from jasper_inventory.lib.text import refuse_unreadable_domain
from licenses.models import Order
from licenses.models.code_settings import CODE_SETTINGS

if TYPE_CHECKING:
    # Django's form takes no type arguments at run time.
    _OrderModelForm = forms.ModelForm[Order]
else:
    _OrderModelForm = forms.ModelForm


class CodeSettingsForm(_OrderModelForm):
    """The code settings, which the views save through the service."""

    class Meta:
        model = Order
        fields = CODE_SETTINGS


class FindCodesForm(forms.Form):
    """The search of the list of codes, sent by POST: neither codes nor names are in an address."""

    typed = TextField(
        label=_("Code, name or email"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
        help_text=_("A whole code, or part of a name, email address or note."),
    )

    # A dialog over the page may use the same names.
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "search_%s", **kwargs})


class NextCodesForm(forms.Form):
    """How many of the next unused codes to select."""

    number = WholeNumberField(label=_("Next unused codes"), min_value=1, max_value=MOST_SELECTED)

    # A dialog over the page may use the same names.
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "next_%s", **kwargs})


class HandOutForm(forms.Form):
    """To whom codes are handed out."""

    form_token = TokenField()
    name = TextField(
        label=_("Name"),
        max_length=150,
        help_text=_("The person, class or group that gets the codes."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    email = AddressField(
        label=_("Email"),
        max_length=254,
        required=False,
        help_text=_("Optional. No email is sent."),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    note = TextField(
        label=_("Note"),
        max_length=MOST_IN_NOTE,
        required=False,
        help_text=_("Optional. Up to 300 characters."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class CodeForm(forms.Form):
    """One code, typed or pasted in any format."""

    # Long enough for a pasted line.
    code = forms.CharField(max_length=500, widget=forms.TextInput)

    def __init__(self, *args: Any, code_type: CodeType, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["code"]
        field.label = code_type.label
        field.help_text = code_type.help_text
        field.widget.attrs = {
            "placeholder": code_type.example,
            "autocomplete": "off",
            "autocapitalize": "characters",
            "spellcheck": "false",
            "class": "code",
            # The script fills in a code from the address of a QR code.
            "data-jasper-code": "",
        }


class AccountForm(forms.Form):
    """A new account on the page of a code."""

    form_token = TokenField()
    first_name = TextField(label=_("First name"), max_length=150)
    last_name = TextField(label=_("Last name"), max_length=150)
    sign_in_as = TextField(
        label=_("Email or username"),
        max_length=150,
        help_text=_(
            "You'll sign in with it. If you have no email address, choose a username of letters, "
            "digits, and . + - _ only."
        ),
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        max_length=128,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=PASSWORD_HELP,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, kind in (
            ("first_name", "given-name"),
            ("last_name", "family-name"),
            ("sign_in_as", "username"),
        ):
            self.fields[name].widget.attrs["autocomplete"] = kind
        self.fields["sign_in_as"].widget.attrs |= {"autocapitalize": "none", "spellcheck": "false"}

    def clean_sign_in_as(self) -> str:
        typed: str = self.cleaned_data["sign_in_as"]
        if "@" not in typed:
            UnicodeUsernameValidator()(typed)
            return typed
        validate_email(typed)
        refuse_unreadable_domain(typed)
        return typed

    def new_account(self) -> NewAccount:
        """Return the argument of `create_account`."""
        data = self.cleaned_data
        return NewAccount(**{key: data[key] for key in self.fields if key != "form_token"})
