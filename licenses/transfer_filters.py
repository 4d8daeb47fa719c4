"""The Transfers page's search: a plain GET form."""

from datetime import date
from typing import Any, ClassVar

import django_filters
from django import forms
from django.utils.translation import gettext_lazy as _

from jasper_inventory.accounts.filters import BranchFilter, OrganizationFilter
from jasper_inventory.accounts.models import Organization
from jasper_inventory.lib import days
from jasper_inventory.lib.filters import PageFilterSet, order_number_filter
from jasper_inventory.lib.forms import DateTextField
from licenses.models import Transfer, TransferKind
from licenses.models.allocations import TransferQuerySet
from licenses.models.branches import held_by


class DayFilter(django_filters.DateFilter):
    field_class = DateTextField


class _TransferSearchForm(forms.Form):
    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        first, last = (self.cleaned_data.get(name) for name in ("first_day", "last_day"))
        if first and last and last < first:
            self.add_error("last_day", _("The last day is before the first day."))
        return cleaned


class TransferFilter(PageFilterSet):
    """Search by any combination; an empty search shows all transfers."""

    order = order_number_filter(method="by_order")
    purchase_order = django_filters.CharFilter(
        label=_("Purchase Order"), method="by_purchase_order", max_length=64
    )
    organization = OrganizationFilter(label=_("Organization"), method="by_organization")
    branch = BranchFilter()
    first_day = DayFilter(label=_("First Day"), method="by_first_day")
    last_day = DayFilter(label=_("Last Day"), method="by_last_day")
    kind = django_filters.ChoiceFilter(
        label=_("Kind"),
        choices=[("", _("All")), *TransferKind.choices],
        empty_label=None,
        widget=forms.RadioSelect,
    )

    class Meta:
        model = Transfer
        form = _TransferSearchForm
        fields: ClassVar[list[str]] = []

    def by_first_day(self, queryset: TransferQuerySet, name: str, value: date) -> TransferQuerySet:
        """Keep transfers on that day or later."""
        return queryset.filter(made_at__gte=days.begins(value))

    def by_last_day(self, queryset: TransferQuerySet, name: str, value: date) -> TransferQuerySet:
        """Keep transfers on that day or earlier."""
        return queryset.filter(made_at__lt=days.ends(value))

    def by_order(self, queryset: TransferQuerySet, name: str, value: int) -> TransferQuerySet:
        """Keep transfers of the order with this number, if the reader may know it."""
        return queryset.of_number(value)

    def by_purchase_order(
        self, queryset: TransferQuerySet, name: str, value: str
    ) -> TransferQuerySet:
        """Search by part of the purchase order, then or now, if the reader may know it."""
        return queryset.of_purchase_order(value)

    def by_organization(
        self, queryset: TransferQuerySet, name: str, value: Organization
    ) -> TransferQuerySet:
        """Keep transfers from or to orders of the organization or its sub-organizations."""
        branch = bool(self.form.cleaned_data.get("branch"))
        return queryset.filter(
            held_by(value, "from_order__", branch=branch)
            | held_by(value, "to_order__", branch=branch)
        )

    @property
    def is_searched(self) -> bool:
        """Return whether anything was searched for."""
        return any(self.form[name].value() for name in self.form.fields)
