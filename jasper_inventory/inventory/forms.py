"""Forms of the pages across orders, codes and renewals."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from jasper_inventory.inventory.sorting import LABELS
from jasper_inventory.lib.forms import TextField, field_of


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


class ColumnsForm(forms.Form):
    """The columns that are shown."""

    columns = forms.MultipleChoiceField(
        label=_("Columns"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, names: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = field_of(self, "columns", forms.MultipleChoiceField)
        field.choices = [(name, LABELS[name]) for name in names]


class ViewForm(forms.Form):
    """The name of a saved view, and who sees it."""

    name = TextField(label=_("Name"), max_length=80)
    is_shared = forms.BooleanField(
        label=_("Share with my organization and its sub-organizations"), required=False
    )
