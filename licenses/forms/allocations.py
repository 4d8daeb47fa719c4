"""The forms of Assign License and Reclaim Seats."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from jasper_inventory.accounts.organization_field import OrganizationField
from jasper_inventory.accounts.submissions import TokenField
from jasper_inventory.lib.exceptions import DomainError
from jasper_inventory.lib.forms import field_of
from licenses.forms.fields import (
    ProductMixForm,
    SeatsForm,
    TermsFields,
    comments_field,
    purchase_order_field,
    reason_field,
    whole_number,
)
from licenses.models import Order, Product, ProductFamily
from licenses.models.orders import MOST_STUDENTS
from licenses.services.allocations import already_ended, outside_dates, swapped_dates


class OrderAssignForm(SeatsForm, TermsFields, ProductMixForm):
    """Assign License: an order for a direct sub-organization, out of the parent order."""

    form_token = TokenField()
    assigned_to = OrganizationField(
        label=_("Assigned To"),
        only_children=True,
        help_text=_("One of your direct sub-organizations."),
        error_messages={
            "required": _("Enter the organization that gets the license."),
            "unknown": _("None of your direct sub-organizations has this name."),
        },
    )
    purchase_order = purchase_order_field()
    approval_comments = comments_field(
        _("Comments"), help_text=_("The license holder will see them.")
    )
    field_order = [
        *("form_token", "assigned_to", "students", "unlimited", "number_of_codes", "duration"),
        *("start_date", "finish_date", "purchase_order", "approval_comments", "products"),
    ]

    def __init__(
        self, data: QueryDict | None = None, *, parent: Order, today: date, **kwargs: Any
    ) -> None:
        assert parent.start_date  # approved
        self.parent = parent
        held = list(parent.products.values_list("pk", flat=True))
        initial = {
            "start_date": max(parent.start_date, today),
            "finish_date": parent.finish_date,
            "duration": parent.duration,
            "products": held,
        }
        super().__init__(data, initial=initial, **kwargs)
        field_of(self, "assigned_to", OrganizationField).within = parent.assigned_to
        self.fields["products"].error_messages["invalid_choice"] = _(
            "Not all of these products are on the parent order."
        )
        for name in ("students",) if parent.is_codes else ("number_of_codes", "duration"):
            del self.fields[name]
        if parent.is_codes or parent.students is not None:
            self.limit()
        else:
            self.offer_unlimited()

    def wrong_dates(self, start: date | None, finish: date | None) -> Iterable[DomainError]:
        yield from swapped_dates(start, finish)
        yield from outside_dates(self.parent, start, finish)
        yield from already_ended(finish)

    def offered_products(self) -> QuerySet[Product]:
        """Return the parent order's products, including retired ones."""
        return self.parent.products.all()

    @property
    def families(self) -> list[ProductFamily]:
        """Return the families with the parent order's products."""
        return ProductFamily.objects.with_products(only=self.initial["products"])


class OrderReclaimForm(forms.Form):
    """Reclaim Seats, Reclaim Codes: how many unused ones, and why."""

    form_token = TokenField()
    number = whole_number("", MOST_STUDENTS)
    reason = reason_field(help_text=_("The license holder will see it."))

    def __init__(self, data: QueryDict | None = None, *, order: Order, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.fields["number"].label = _("Number of Codes") if order.is_codes else _("Students")
