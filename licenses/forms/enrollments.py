"""The forms that pause and resume enrollment, and set a student's password."""

from django import forms
from django.utils.translation import gettext_lazy as _

from jasper_inventory.lib.forms import TextField
from licenses.forms.fields import reason_field


class OrderPauseForm(forms.Form):
    """Pause Enrollment: an optional reason."""

    reason = reason_field(
        required=False, help_text=_("Optional. Everyone who can see the order will see it.")
    )


class OrderUnpauseForm(forms.Form):
    """Resume Enrollment: a form without fields."""


class StudentPasswordForm(forms.Form):
    """A new password for a student. It is visible, so that it can be read out or written down."""

    password = TextField(
        label=_("New password"),
        max_length=128,
        strip=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
