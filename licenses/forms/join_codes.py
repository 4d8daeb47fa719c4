"""The forms that send and replace teacher codes and group keys."""

from django import forms
from django.utils.translation import gettext_lazy as _

from jasper_inventory.accounts.submissions import TokenField
from jasper_inventory.lib.forms import TextField


class GroupKeysForm(forms.Form):
    """Whether to replace the group keys with the teacher code."""

    group_keys = forms.BooleanField(
        label=_("Also replace its teachers' group keys"),
        required=False,
        help_text=_(
            "Students join with group keys. Each teacher gets an email, finds the new key on the "
            "license's page, and gives it to students who haven't joined yet."
        ),
    )


class OrderReplaceCodeForm(GroupKeysForm):
    """Replace Teacher Code: `shown` is the code that is to be replaced."""

    shown = forms.IntegerField(widget=forms.HiddenInput)


class TeacherCodeForm(forms.Form):
    """Send Teacher Code: the addresses and an optional note."""

    form_token = TokenField()
    addresses = TextField(
        label=_("Email addresses"),
        max_length=5_000,
        help_text=_(
            "Enter one or more addresses, separated by commas, semicolons, spaces, or new lines. "
            "Names before an address are ignored: Laura Bennett &lt;laura@example.com&gt;."
        ),
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off"}),
    )
    note = TextField(
        label=_("Note"),
        required=False,
        help_text=_("Optional. Up to 300 characters, without links or email addresses."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
