"""The forms that pause and resume enrollment, and set a student's password."""

from django import forms
from django.utils.translation import gettext_lazy as _

from jasper_inventory.lib.forms import TextField
from licenses.forms.fields import reason_field


class OrderPauseForm(forms.Form):
    """Pause New Enrollments: why, if one likes."""

    reason = reason_field(
        required=False, help_text=_("Optional; all who may see the order read it.")
    )


class OrderUnpauseForm(forms.Form):
    """Allow New Enrollments: nothing to fill in."""


class StudentPasswordForm(forms.Form):
    """A new password for a pupil, in plain sight: it is said or written down."""

    password = TextField(
        label=_("New password"),
        max_length=128,
        strip=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
