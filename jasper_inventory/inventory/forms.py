"""Forms of the pages across orders, codes and renewals."""

from django import forms
from django.utils.translation import gettext_lazy as _

from jasper_inventory.lib.forms import TextField


class CodeForm(forms.Form):
    """A code in any form, sent by POST only, because a URL would be in the server's log."""

    code = forms.CharField(
        label=_("Code"),
        max_length=200,
        help_text=_(
            "Enter a teacher code, activation code or group key, in upper or lower case, with or "
            "without hyphens."
        ),
        error_messages={"required": _("Enter a code.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )


class ViewForm(forms.Form):
    """The name of a saved view, and who sees it."""

    name = TextField(label=_("Name"), max_length=80)
    is_shared = forms.BooleanField(
        label=_("Share with my organization and its sub-organizations"), required=False
    )
