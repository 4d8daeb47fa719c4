"""What concerns people: the teacher code by email, a pupil's password."""

from django import forms
from django.utils.translation import gettext_lazy as _

from jasper_inventory.lib.forms import TextField, TokenField


class TeacherCodeForm(forms.Form):
    """Email Teacher Code: to whom, with which words."""

    form_token = TokenField()
    addresses = TextField(
        label=_("Email addresses"),
        max_length=5_000,
        help_text=_(
            "Enter one or more addresses, separated by commas, semicolons, spaces, or new lines. "
            "Names before an address are ignored, as in Laura Bennett &lt;laura@example.com&gt;."
        ),
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off"}),
    )
    note = TextField(
        label=_("Note"),
        required=False,
        help_text=_("Optional; up to 300 characters, without links or email addresses."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class PupilPasswordForm(forms.Form):
    """A new password for a pupil, in plain sight: it is said or written down."""

    password = TextField(
        label=_("New password"),
        max_length=128,
        strip=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
