"""The form that requests a license, for oneself or for an organization below."""

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
from django.utils.translation import gettext_lazy as _

from jasper_inventory.accounts.organization_field import OrganizationField
from jasper_inventory.lib.forms import TokenField, WholeNumberField
from licenses.forms.fields import (
    ProductMixForm,
    comments_field,
    purchase_order_field,
    students_field,
)
from licenses.models import InventoryType
from licenses.models.orders import MOST_USERS_PER_CODE


class OrderRequestForm(ProductMixForm):
    """Request New License: both tabs in one form.

    Who gives licenses on also says for whom: its own organization, or one below it. The button
    *Choose* sends the form to see what that one's request would be; nothing is requested then.
    """

    form_token = TokenField()
    purchase_order = purchase_order_field()
    inventory_type = forms.ChoiceField(
        label=_("Inventory Type"),
        choices=InventoryType.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose an inventory type.")},
    )
    students = students_field()
    users_per_code = WholeNumberField(
        label=_("Users (per code)"),
        required=False,
        min_value=1,
        max_value=MOST_USERS_PER_CODE,
        help_text=_("For User Activation Codes: how many people may use one code; 1 if left."),
    )
    requester_comments = comments_field()

    def __init__(self, data=None, *, role, organization, **kwargs):
        super().__init__(data, **kwargs)
        self.is_choosing = data is not None and "choose" in data
        self._organization = organization
        if role.organization.gives_on:
            # `for` is a word of Python.
            self.fields["for"] = OrganizationField(
                label=_("For"),
                within=role.organization,
                initial=organization,
                error_messages={"required": _("Say for whom.")},
            )
        self.order_fields(
            [
                *("form_token", "for", "purchase_order", "inventory_type", "students"),
                *("users_per_code", "requester_comments", "products"),
            ]
        )

    def clean(self):
        """Of who only chooses for whom, the rest is judged later; it stays as typed."""
        cleaned = super().clean()
        if self.is_choosing:
            for name in set(self.errors) - {"for", NON_FIELD_ERRORS}:
                del self._errors[name]
        return cleaned

    @property
    def organization(self):
        """For whom: what was typed, where that was found; until then whom the address names."""
        field = self.fields.get("for")
        found = field and self.is_bound and "for" not in self.errors and field.found
        return found or self._organization
