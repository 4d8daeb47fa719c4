"""The search box of the menu bar."""

from django import forms
from django.utils.translation import gettext_lazy as _

from jasper_inventory.lib.forms import TextField


class SearchForm(forms.Form):
    """A search sent by POST, because a code or a name in a URL would be in the server's log."""

    typed = TextField(
        label=_("Search"),
        min_length=2,
        max_length=200,
        error_messages={"min_length": _("Enter at least two characters.")},
    )
