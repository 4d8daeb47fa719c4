"""The style guide: every component of the site in all its states, from the same templates."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.messages import constants
from django.contrib.messages.storage.base import Message
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from jasper_inventory.accounts.decorators import UserHttpRequest
from jasper_inventory.lib.forms import WholeNumberField
from jasper_inventory.lib.pagination import paged
from licenses.models import OrderStatus

# An example for each kind of color; the names of the others are in app.css.
BUTTONS = ("primary", "outline-secondary", "outline-danger", "link")

# A name, an email address and a number of licenses: usual, long, and none.
PEOPLE = [
    ("Daniel Okafor", "daniel@maple-ridge.example", 12),
    ("Wilhelmina-Alexandra van Oostenbrugge-Featherstonehaugh", "w@harbour.example", 1_154),
    ("Mei Lin", "–", 0),
]


class ExampleForm(forms.Form):
    """A field of each kind."""

    seats = WholeNumberField(
        label=gettext_lazy("Students"),
        min_value=1,
        help_text=gettext_lazy("How many students can use the license."),
    )
    purchase_order = forms.CharField(label=gettext_lazy("Purchase Order"), required=False)
    kind = forms.ChoiceField(
        label=gettext_lazy("Inventory Type"),
        choices=[("center", gettext_lazy("Center License")), ("codes", gettext_lazy("Codes"))],
        widget=forms.RadioSelect,
    )
    parent = forms.ChoiceField(
        label=gettext_lazy("Allocated From"), choices=[("", "---------"), ("1", "10001")]
    )
    comments = forms.CharField(
        label=gettext_lazy("Comments"), required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    is_active = forms.BooleanField(label=gettext_lazy("Active License"))


@require_safe
def styleguide(request: UserHttpRequest) -> HttpResponse:
    """Show the components to those who build with them: CCI staff and, in the demo, everyone."""
    if not (request.user.is_cci_staff or settings.DEMO):
        raise PermissionDenied
    context: dict[str, Any] = {
        "statuses": OrderStatus.choices,
        "buttons": BUTTONS,
        "people": PEOPLE,
        "notices": [
            Message(constants.SUCCESS, _("Order 10081 was saved.")),
            Message(constants.INFO, _("Order 10081 already had these dates.")),
            Message(constants.WARNING, _("Order 10081 ends in 7 days.")),
            Message(constants.ERROR, _("Order 10081 was not saved. Try again.")),
        ],
        "form": ExampleForm(auto_id="empty_%s"),
        "wrong_form": ExampleForm({"seats": "0", "parent": "1"}, auto_id="wrong_%s"),
        "search": ExampleForm(auto_id="search_%s"),
        **paged(request, range(1_154), 25),
    }
    return render(request, "inventory/styleguide.html", context)
