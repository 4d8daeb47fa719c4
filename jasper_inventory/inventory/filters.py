"""The inventory page's search and drill-down filters: plain GET forms."""

from collections.abc import Mapping
from typing import Any, ClassVar

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from jasper_inventory.accounts.decorators import MemberHttpRequest
from jasper_inventory.accounts.filters import BranchFilter, OrganizationFilter
from jasper_inventory.accounts.models import Organization
from jasper_inventory.inventory.attention import NEED_CHOICES, NEEDS
from jasper_inventory.lib.code_format import look_alike_pattern, normalize
from jasper_inventory.lib.filters import PageFilterSet, order_number_filter
from jasper_inventory.lib.forms import choices_of
from jasper_inventory.lib.pagination import in_sections
from jasper_inventory.lib.text_fields import has
from licenses.models import InventoryType, Order, OrderStatus
from licenses.models.branches import ALLOCATED, held_by
from licenses.models.order_queryset import OrderQuerySet
from licenses.models.order_status import ENDED, NOT_IN_USE, USABLE
from licenses.product_mix import MixFilter
from renewals.models import RenewalRequest

STATUS_CHOICES = {
    "available": (_("Available Licenses"), USABLE),
    "expired": (_("Expired Licenses"), ENDED),
    "requested": (_("Requested"), (OrderStatus.REQUESTED,)),
    # Whatever its status.
    "renewal": (_("With Renewal Request"), ()),
}
SCOPE_CHOICES = [
    ("", _("All")),
    ("ours", _("My organization only")),
    ("below", _("Sub-organizations only")),
]
ENDING_CHOICES = {
    "30": _("Within 30 days"),
    "60": _("Within 60 days"),
    "90": _("Within 90 days"),
}
_LIMITED = Q(seats__isnull=False)
# These choices find orders that haven't ended. Unlimited licenses have no number of seats, so only
# the choices that mention them or count all licenses include them.
SEATS_CHOICES = {
    "counted": (_("On licenses that haven't ended"), Q()),
    "allocated": (_("Some allocated"), _LIMITED & ALLOCATED),
    "used": (_("Some in use"), _LIMITED & Q(enrolled__gt=0)),
    "free": (_("Some free"), Q(seats_available__gt=0)),
    "resting": (_("Some free, but not usable today"), Q(seats_available__gt=0)),
    "unlimited": (_("Unlimited"), ~_LIMITED),
}


def _labels(choices: Mapping[str, tuple[Promise, object]]) -> list[tuple[str, Promise]]:
    """Return the choices of a field, without their conditions."""
    return [(value, label) for value, (label, _condition) in choices.items()]


# What the table can be sorted by, in an address, and the column that decides.
SORTS = {
    "number": "number",
    "start": "start_date",
    "finish": "finish_date",
    # Follows from the finish date.
    "remaining": "finish_date",
}
SORT_CHOICES = [(f"{sign}{name}", name) for name in SORTS for sign in ("", "-")]


class DrillDownFilter(PageFilterSet):
    """The drill-down filters, which have no input on the page and are listed above the table."""

    below = django_filters.ModelChoiceFilter(
        label=_("Organization, including sub-organizations"),
        # The stubs leave out that it may be a function.
        queryset=lambda request: Organization.objects.visible_to(  # type: ignore[arg-type]
            request.membership
        ),
        method="by_branch",
        widget=forms.HiddenInput,
    )
    seats = django_filters.ChoiceFilter(
        label=_("Seats"),
        choices=_labels(SEATS_CHOICES),
        method="by_seats",
        widget=forms.HiddenInput,
    )
    ending = django_filters.ChoiceFilter(
        label=_("Ending"),
        choices=list(ENDING_CHOICES.items()),
        method="by_end",
        widget=forms.HiddenInput,
    )
    attention = django_filters.ChoiceFilter(
        label=_("Needs Attention"),
        choices=NEED_CHOICES,
        method="by_need",
        widget=forms.HiddenInput,
    )
    mix = MixFilter(label=_("Product Mix"), widget=forms.HiddenInput)

    def by_branch(self, queryset: OrderQuerySet, name: str, value: Organization) -> OrderQuerySet:
        """Return the orders of an organization and its sub-organizations."""
        return queryset.in_scope_of(value)

    def by_seats(self, queryset: OrderQuerySet, name: str, value: str) -> OrderQuerySet:
        _label, condition = SEATS_CHOICES[value]
        today = timezone.localdate()
        if value == "resting":
            queryset = queryset.in_status(today, *NOT_IN_USE)
        return queryset.not_ended(today).filter(condition)

    def by_end(self, queryset: OrderQuerySet, name: str, value: str) -> OrderQuerySet:
        return queryset.ending_within(int(value), timezone.localdate())

    def by_need(self, queryset: OrderQuerySet, name: str, value: str) -> OrderQuerySet:
        return queryset.filter(NEEDS[value].condition(timezone.localdate()))

    @property
    def drilled_down(self) -> list[tuple[forms.BoundField, object]]:
        """The drill-down filters in use, as pairs of a field and its value for the reader."""
        names = [name for name in DrillDownFilter.base_filters if name in self.form.fields]
        return [
            (self.form[name], self.for_reader(name)) for name in names if self.form[name].value()
        ]

    def for_reader(self, name: str) -> object:
        """Return the value of a field: the label of a choice, or other values as typed."""
        field, value = self.form.fields[name], self.form[name].value()
        if name not in self.form.errors:
            value = self.form.cleaned_data[name]
        if value is True:
            return _("Yes")
        # The choices of a field of organizations would load all of them.
        if isinstance(field, forms.ChoiceField) and not hasattr(field, "queryset"):
            return dict(choices_of(field)).get(value, value)
        return value


class OrderFilter(DrillDownFilter):
    """The search of the License Inventory; an empty one finds all orders."""

    number = order_number_filter()
    purchase_order = django_filters.CharFilter(
        label=_("Purchase Order"), method="by_purchase_order", max_length=64
    )
    license_code = django_filters.CharFilter(
        label=_("License Code"), method="by_license_code", max_length=64
    )
    status = django_filters.ChoiceFilter(
        label=_("Order Status"),
        choices=[("", _("All")), *_labels(STATUS_CHOICES)],
        empty_label=None,
        method="by_status",
        widget=forms.RadioSelect,
    )
    type = django_filters.ChoiceFilter(
        label=_("Inventory Type"),
        field_name="inventory_type",
        choices=[("", _("All")), *InventoryType.choices],
        empty_label=None,
        widget=forms.RadioSelect,
    )
    scope = django_filters.ChoiceFilter(
        label=_("Assigned To"),
        choices=SCOPE_CHOICES,
        empty_label=None,
        method="by_scope",
        widget=forms.RadioSelect,
    )
    holder = OrganizationFilter(label=_("Organization"), method="by_holder")
    branch = BranchFilter()
    sort = django_filters.ChoiceFilter(
        choices=SORT_CHOICES, method="by_sort", widget=forms.HiddenInput
    )

    class Meta:
        model = Order
        fields: ClassVar[list[str]] = []

    def __init__(
        self, data: QueryDict, queryset: OrderQuerySet, *, request: MemberHttpRequest
    ) -> None:
        super().__init__(data, queryset, request=request)
        self.own = request.membership.organization
        if not request.membership.organization.is_supplier:
            # A center has no sub-organizations, and sees only the guide's filters. Links may still
            # lead to a part of its own orders.
            for name in ("scope", "holder", "branch", "below"):
                del self.filters[name]

    def by_purchase_order(self, queryset: OrderQuerySet, name: str, value: str) -> OrderQuerySet:
        """Match part of the purchase order, with or without hyphens and spaces, if it is shown."""
        return queryset.filter(
            has("compact_purchase_order", value), queryset.terms_known_to(self.own)
        )

    def by_license_code(self, queryset: OrderQuerySet, name: str, value: str) -> OrderQuerySet:
        """Match part of the teacher code, with or without hyphens, in upper or lower case."""
        characters = normalize(value)
        if not characters:
            return queryset.none()
        return queryset.filter(teacher_code__code__regex=look_alike_pattern(characters))

    def by_status(self, queryset: OrderQuerySet, name: str, value: str) -> OrderQuerySet:
        if value == "renewal":
            return queryset.filter(RenewalRequest.objects.exists_for_order())
        _label, statuses = STATUS_CHOICES[value]
        return queryset.in_status(timezone.localdate(), *statuses)

    def by_holder(self, queryset: OrderQuerySet, name: str, value: Organization) -> OrderQuerySet:
        """Return the orders of the organization or, if so chosen, of its branch."""
        branch = bool(self.form.cleaned_data.get("branch"))
        return queryset.filter(held_by(value, branch=branch))

    def by_sort(self, queryset: OrderQuerySet, name: str, value: str) -> OrderQuerySet:
        """Return all: `sections` sorts them."""
        return queryset

    def by_scope(self, queryset: OrderQuerySet, name: str, value: str) -> OrderQuerySet:
        """Return the own organization's orders, or only those of its sub-organizations."""
        own = {"assigned_to": self.own}
        return queryset.filter(**own) if value == "ours" else queryset.exclude(**own)

    @property
    def sorted_by(self) -> str:
        """The sorted column, with a minus if descending."""
        chosen = self.form.cleaned_data.get("sort") if self.form.is_valid() else None
        return chosen or "-number"

    @property
    def sections(self) -> list[QuerySet[Any]]:
        """The found orders as sorted; those without the date come last, the newest first."""
        column, descending = SORTS[self.sorted_by.lstrip("-")], self.sorted_by.startswith("-")
        if column == "number":
            return [self.found.order_by("-number" if descending else "number")]
        return in_sections(self.found, column, "number", descending=descending)

    @property
    def searched(self) -> list[tuple[str, object]]:
        """The search as pairs of label and value for the reader."""
        return [
            (str(field.label), self.for_reader(name))
            for name, field in self.form.fields.items()
            if name != "sort" and self.form[name].value()
        ]
