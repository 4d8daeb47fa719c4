"""The form of an unlimited order's alert numbers."""

from django import forms
from django.utils.translation import gettext_lazy as _

from licenses.forms.fields import whole_number
from licenses.models.orders import MOST_STUDENTS


class OrderAlertsForm(forms.Form):
    """Alerts: the two numbers of students that raise an alert."""

    first_alert = whole_number(_("First Alert at"), MOST_STUDENTS)
    second_alert = whole_number(_("Second Alert at"), MOST_STUDENTS)
