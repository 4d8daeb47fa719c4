"""Alerts, pausing new enrollments, replacing the teacher code."""

from django import forms
from django.utils.translation import gettext_lazy as _

from licenses.forms.fields import reason_field, whole_number
from licenses.models.orders import MOST_STUDENTS


class OrderAlertsForm(forms.Form):
    """Alerts: the two numbers of students."""

    first_alert = whole_number(_("First Alert at"), MOST_STUDENTS)
    second_alert = whole_number(_("Second Alert at"), MOST_STUDENTS)


class OrderPauseForm(forms.Form):
    """Pause New Enrollments: why, if one likes."""

    reason = reason_field(
        required=False, help_text=_("Optional; all who may see the order read it.")
    )


class OrderUnpauseForm(forms.Form):
    """Allow New Enrollments: nothing to fill in."""


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
