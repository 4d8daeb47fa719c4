"""The forms that send and replace teacher codes and group keys."""

from django import forms
from django.utils.translation import gettext_lazy as _

from jasper_inventory.lib.forms import TextField, TokenField


class GroupKeysForm(forms.Form):
    """Whether the group keys go with the teacher code."""

    group_keys = forms.BooleanField(
        label=_("Replace the group keys of its teachers, too"),
        required=False,
        help_text=_(
            "Students join with them. Each teacher is told by email, and finds the new key on the "
            "page of the license, for those who are still to join."
        ),
    )


class OrderReplaceCodeForm(GroupKeysForm):
    """Replace Teacher Code: which one it was that is to be replaced."""

    shown = forms.IntegerField(widget=forms.HiddenInput)


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
