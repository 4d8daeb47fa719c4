"""The forms of the roof's own pages."""

from django import forms
from django.utils.translation import gettext_lazy as _


class CodeForm(forms.Form):
    """A code in any form. Sent by POST only: in an address it would stand in the server's log."""

    code = forms.CharField(
        label=_("Code"),
        max_length=200,
        help_text=_(
            "A teacher code, an activation code or a group key: upper or lower case, with or "
            "without hyphens."
        ),
        error_messages={"required": _("Type a code.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
