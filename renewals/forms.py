"""The Request License Renewal window's form."""

from django import forms
from django.utils.translation import gettext_lazy as _

from jasper_inventory.lib.forms import DateTextField, TokenField
from licenses.forms import comments_field, purchase_order_field, students_field
from renewals.models import CodeChoice


class RenewalRequestForm(forms.Form):
    """Type and product mix are the order's and no fields."""

    form_token = TokenField()
    purchase_order = purchase_order_field()
    code_choice = forms.ChoiceField(
        label=_("Teacher Code"),
        choices=CodeChoice.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a new or the existing code.")},
    )
    start_date = DateTextField(label=_("Start Date"))
    finish_date = DateTextField(label=_("Finish Date"))
    students = students_field()
    requester_comments = comments_field()
