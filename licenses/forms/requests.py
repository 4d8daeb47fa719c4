"""The forms that request a license, for oneself or for an organization below."""

from django import forms
from django.utils.translation import gettext_lazy as _

from jasper_inventory.accounts.fields import OrganizationField
from jasper_inventory.lib.forms import TokenField
from licenses.forms.fields import (
    ProductMixForm,
    comments_field,
    purchase_order_field,
    students_field,
)
from licenses.models import InventoryType
from licenses.models.orders import MOST_USERS_PER_CODE


class OrderRequestForm(ProductMixForm):
    """Request New License: both tabs in one form."""

    form_token = TokenField()
    # For which role's organization the form was opened: in another tab one may switch meanwhile.
    asking = forms.IntegerField(required=False, widget=forms.HiddenInput)
    purchase_order = purchase_order_field()
    inventory_type = forms.ChoiceField(
        label=_("Inventory Type"),
        choices=InventoryType.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose an inventory type.")},
    )
    students = students_field()
    users_per_code = forms.IntegerField(
        label=_("Users (per code)"),
        required=False,
        min_value=1,
        max_value=MOST_USERS_PER_CODE,
        help_text=_("For User Activation Codes: how many people may use one code; 1 if left."),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={"invalid": _("Enter a whole number.")},
    )
    requester_comments = comments_field()
    field_order = [
        *("form_token", "purchase_order", "inventory_type", "students", "users_per_code"),
        *("requester_comments", "products"),
    ]

    def __init__(self, data=None, *, asking):
        super().__init__(data, initial={"asking": asking.pk})
        self.asking = asking

    def clean(self):
        """Refused where the role is another one by now; what was typed stays."""
        cleaned = super().clean()
        if cleaned.get("asking") not in (None, self.asking.pk):
            raise forms.ValidationError(
                _(
                    "You switched to another role since this form was opened. "
                    "Switch back to send it."
                )
            )
        return cleaned


class RequestForForm(forms.Form):
    """For whom a license is requested: the role's organization, or one below it."""

    def __init__(self, data=None, *, within):
        super().__init__(data)
        # `for` is a word of Python.
        self.fields["for"] = OrganizationField(label=_("For"), required=False, within=within)
