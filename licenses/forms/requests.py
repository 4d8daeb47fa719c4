"""The forms that request a license, review a request and forward it."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from jasper_inventory.accounts.models import Membership, Organization
from jasper_inventory.accounts.organization_field import OrganizationField
from jasper_inventory.accounts.submissions import TokenField
from jasper_inventory.lib.exceptions import DomainError
from jasper_inventory.lib.forms import WholeNumberField, field_of
from licenses.forms.fields import (
    ProductMixForm,
    SeatsForm,
    TermsFields,
    comments_field,
    purchase_order_field,
    students_field,
)
from licenses.models import InventoryType, Order, Product, ProductFamily, RequestFields
from licenses.models.orders import MOST_USERS_PER_CODE
from licenses.services.allocations import already_ended, outside_dates, swapped_dates
from licenses.services.fulfillment import Offer
from licenses.terms import Terms


class OrderRequestForm(ProductMixForm):
    """Request New License: both tabs in one form.

    Suppliers also choose whom they request for: their own organization, or a sub-organization.
    *Choose* reloads the form for that organization; nothing is requested then.
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
        help_text=_(
            "User Activation Codes only: how many people can use one code. Leave empty for 1."
        ),
    )
    requester_comments = comments_field(_("Requester Comments"))

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        role: Membership,
        organization: Organization,
        **kwargs: Any,
    ) -> None:
        super().__init__(data, **kwargs)
        self.is_choosing = data is not None and "choose" in data
        self._organization = organization
        if role.organization.is_supplier:
            # `for` is a Python keyword.
            self.fields["for"] = OrganizationField(
                label=_("For"),
                within=role.organization,
                initial=organization,
                error_messages={"required": _("Enter the organization.")},
            )
        self.order_fields(
            [
                *("form_token", "for", "purchase_order", "inventory_type", "students"),
                *("users_per_code", "requester_comments", "products"),
            ]
        )

    def clean(self) -> dict[str, Any] | None:
        """Ignore the other fields while only the organization is chosen; they stay as typed."""
        cleaned = super().clean()
        if self.is_choosing:
            for name in set(self.errors) - {"for", NON_FIELD_ERRORS}:
                del self.errors[name]
        return cleaned

    @property
    def organization(self) -> Organization:
        """Return the entered organization if it was found, or the one from the address."""
        field = self.fields.get("for")
        if isinstance(field, OrganizationField) and self.is_bound and "for" not in self.errors:
            return field.found or self._organization
        return self._organization


def _parent_label(parent: Order, forwarded_as: int | None, products: set[int]) -> str:
    """Return a parent order as an option: its number, what is left, and until when."""
    left = None if parent.unused is None else f"{parent.unused:,}"
    facts = {"number": parent.number, "left": left, "day": parent.finish_date}
    if left is None:
        label = _("%(number)s: unlimited, until %(day)s")
    elif parent.is_codes:
        label = _("%(number)s: %(left)s codes left, until %(day)s")
    else:
        label = _("%(number)s: %(left)s seats left, until %(day)s")
    text = label % facts
    if parent.pk == forwarded_as:
        return _("%(label)s, requested to fill this request") % {"label": text}
    if not products <= {held.product_id for held in parent.order_products.all()}:
        return _("%(label)s, doesn't have all of the products") % {"label": text}
    return text


class ReviewForm(SeatsForm, TermsFields):
    """Review a request: the parent order, the terms to grant, and comments for the requester.

    Three buttons: `check` shows what approving would do, `approve` and `reject`. Without a
    possible parent order, the form has only the comment, to reject.
    """

    parent = forms.TypedChoiceField(label=_("Allocate From"))
    approval_comments = comments_field(
        _("Approval Comments"), help_text=_("The requester will see them. Required to reject.")
    )
    field_order = ("parent", "students", "unlimited")

    def __init__(
        self, data: QueryDict | None = None, *, asked: RequestFields, offer: Offer, **kwargs: Any
    ) -> None:
        self.asked, self.offer = asked, offer
        self.decision = data.get("decision", "") if data else ""
        initial = {**vars(offer.terms), "products": sorted(offer.products)}
        super().__init__(data, initial=initial, **kwargs)
        is_codes = asked.asked_order.is_codes
        for name in ("students",) if is_codes else ("number_of_codes", "duration"):
            del self.fields[name]
        if is_codes or all(parent.unused is not None for parent in offer.parents):
            self.limit()
        else:
            self.offer_unlimited()
        if offer.why_none:
            for name in set(self.fields) - {"products", "approval_comments"}:
                del self.fields[name]
        else:
            self._offer_parents()

    def _offer_parents(self) -> None:
        parents = {str(parent.pk): parent for parent in self.offer.parents}
        products = self.offer.asked_products
        field = field_of(self, "parent", forms.TypedChoiceField)
        field.coerce = parents.get
        field.choices = [
            (pk, _parent_label(parent, self.asked.forwarded_as_id, products))
            for pk, parent in parents.items()
        ]

    @property
    def needs_seats(self) -> bool:
        return self.decision != "reject"

    def wrong_dates(self, start: date | None, finish: date | None) -> Iterable[DomainError]:
        yield from swapped_dates(start, finish)
        if parent := self.cleaned_data.get("parent"):
            yield from outside_dates(parent, start, finish)
        yield from already_ended(finish)

    def clean(self) -> dict[str, Any] | None:
        """Ignore errors in the terms when rejecting; they stay as typed."""
        cleaned = super().clean()
        if self.decision == "reject":
            for name in set(self.errors) - {"approval_comments"}:
                del self.errors[name]
        elif self.offer.why_none:
            self.add_error(None, self.offer.why_none)
        return cleaned

    def chosen(self) -> dict[str, Any]:
        """Return the parent order and the terms to grant: as submitted, or as suggested."""
        if not self.is_bound:
            return {"parent": self.offer.parents[0], "terms": self.offer.terms}
        names = Terms.__dataclass_fields__
        terms: dict[str, Any] = {name: self.cleaned_data.get(name) for name in names}
        terms["users_per_code"] = self.offer.terms.users_per_code
        return {"parent": self.cleaned_data["parent"], "terms": Terms(**terms)}


class OrderReviewForm(ProductMixForm, ReviewForm):
    """Review a request for a new license, whose products can be removed."""

    def offered_products(self) -> QuerySet[Product]:
        """Return the requested products, including retired ones."""
        return self.asked.asked_order.products.all()

    @property
    def families(self) -> list[ProductFamily]:
        """Return the families with the requested products."""
        return ProductFamily.objects.with_products(only=self.offer.asked_products)

    def chosen(self) -> dict[str, Any]:
        """Add the products to grant."""
        if not self.is_bound:
            return {
                **super().chosen(),
                "products": self.offered_products().filter(pk__in=self.offer.products),
            }
        return {**super().chosen(), "products": self.cleaned_data["products"]}


class ForwardForm(forms.Form):
    """Forward a request to our own supplier, which reads only what is written here."""

    form_token = TokenField()
    purchase_order = purchase_order_field()
    requester_comments = comments_field(_("Requester Comments"))
