"""The forms of the Edit Order window, and of suspending and resuming."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from jasper_inventory.lib.exceptions import DomainError
from licenses.forms.fields import (
    ProductMixForm,
    SeatsEditForm,
    TermsFields,
    comments_field,
    purchase_order_field,
    reason_field,
    whole_number,
)
from licenses.models import Order, Product, ProductFamily
from licenses.models.orders import MOST_STUDENTS
from licenses.services.order_edits import wrong_dates_of


class OrderActiveForm(forms.Form):
    """What a license holder may edit: the *Active License* box, with a reason."""

    is_active = forms.BooleanField(label=_("Active License"), required=False)
    # What the box showed: an unchanged box must not undo a change made by someone else.
    shown_active = forms.BooleanField(required=False, widget=forms.HiddenInput)
    reason = reason_field(required=False, help_text=_("Optional. The order's history shows it."))


class OrderEditForm(SeatsEditForm, TermsFields, ProductMixForm):
    """Edit Order, for the organization that assigned the order."""

    purchase_order = purchase_order_field()
    approval_comments = comments_field(
        _("Approval Comments"), help_text=_("The license holder will see them.")
    )
    reason = reason_field(required=False, help_text=_("Optional. The license holder will see it."))
    written_by_template = ("products",)
    field_order = [
        *("purchase_order", "students", "unlimited", "number_of_codes", "duration"),
        *("start_date", "finish_date", "approval_comments", "reason", "products"),
    ]

    def __init__(self, data: QueryDict | None = None, *, order: Order, **kwargs: Any) -> None:
        assert order.parent is not None  # only CCI, in the admin, assigns without one
        self.order, self.parent = order, order.parent
        names = set(self.base_fields) - {"products", "reason", "unlimited"}
        initial = {name: getattr(order, name) for name in names}
        initial |= {"products": sorted(order.product_keys), "unlimited": order.is_unlimited}
        super().__init__(data, initial=initial, **kwargs)
        self.fields["products"].error_messages["invalid_choice"] = _(
            "Not all of these products are on the parent order."
        )
        for name in ("students",) if order.is_codes else ("number_of_codes", "duration"):
            del self.fields[name]
        self._fit_seats("number_of_codes" if order.is_codes else "students")
        for name in set(self.fields) - {"reason"}:
            self.fields[name].show_hidden_initial = True

    def _fit_seats(self, name: str) -> None:
        """Keep 0 if all seats were reclaimed; offer unlimited if the parent order is unlimited."""
        if getattr(self.order, name) == 0:
            self.fields[name] = whole_number(self.fields[name].label, MOST_STUDENTS, least=0)
        if self.order.is_codes or self.parent.students is not None:
            self.limit()
        else:
            self.offer_unlimited()

    def wrong_dates(self, start: date | None, finish: date | None) -> Iterable[DomainError]:
        """Check the resulting dates; an unchanged date keeps its current value."""
        typed = {"start_date": start, "finish_date": finish}
        if touched := typed.keys() & set(self.changed_data):
            days = {
                name: typed[name] if name in touched else getattr(self.order, name)
                for name in typed
            }
            yield from wrong_dates_of(self.order, days["start_date"], days["finish_date"])

    def offered_products(self) -> QuerySet[Product]:
        """Return the parent order's products, including retired ones."""
        return self.parent.products.all()

    @property
    def families(self) -> list[ProductFamily]:
        """Return the families with the parent order's products."""
        return ProductFamily.objects.with_products(only=self.parent.product_keys)


class OrderSuspendForm(forms.Form):
    """Suspend: the reason."""

    reason = reason_field(
        help_text=_(
            "The holders of this license and of every license allocated from it will see it."
        )
    )


class OrderResumeForm(forms.Form):
    """Resume: a form without fields."""
