"""The Transfers page's search: a plain GET form."""

from datetime import date
from typing import Any, ClassVar

import django_filters
from django import forms
from django.db.models import Q
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from jasper_inventory.accounts.decorators import MemberHttpRequest
from jasper_inventory.accounts.filters import BranchFilter, OrganizationFilter
from jasper_inventory.lib import days
from jasper_inventory.lib.filters import (
    DayFilter,
    PageFilterSet,
    PeriodForm,
    order_number_filter,
)
from licenses.models import Transfer, TransferKind
from licenses.models.allocations import TransferQuerySet, TransferScope, scopes_of


class TransferFilter(PageFilterSet):
    """Search by any combination; an empty search shows all transfers."""

    order = order_number_filter(method="by_order")
    purchase_order = django_filters.CharFilter(
        label=_("Purchase Order"), method="by_scope", max_length=64
    )
    organization = OrganizationFilter(label=_("Organization"), method="by_scope")
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
        form = PeriodForm
        fields: ClassVar[list[str]] = []

    def __init__(self, data: QueryDict, *, request: MemberHttpRequest) -> None:
        super().__init__(data, request=request)
        self.reader = request.membership.organization

    def by_first_day(self, queryset: TransferQuerySet, name: str, value: date) -> TransferQuerySet:
        """Keep transfers on that day or later."""
        return queryset.filter(made_at__gte=days.begins(value))

    def by_last_day(self, queryset: TransferQuerySet, name: str, value: date) -> TransferQuerySet:
        """Keep transfers on that day or earlier."""
        return queryset.filter(made_at__lt=days.ends(value))

    def by_order(self, queryset: TransferQuerySet, name: str, value: int) -> TransferQuerySet:
        """Keep transfers of the order with this number, if the reader may know it."""
        return queryset.of_number(value, self.reader)

    def by_scope(self, queryset: TransferQuerySet, name: str, value: Any) -> TransferQuerySet:
        """Keep all: `parts` compares these fields, which depend on what the reader may know."""
        return queryset

    @property
    def parts(self) -> list[TransferQuerySet]:
        """The found transfers that the role may see, in parts without common rows."""
        found = super().found
        assert isinstance(found, TransferQuerySet)
        return [found.filter(self._conditions(scope)) for scope in scopes_of(self.reader)]

    @property
    def found(self) -> TransferQuerySet:
        """The found transfers that the role may see, as one query."""
        first, *rest = (part.values("pk") for part in self.parts)
        return Transfer.objects.filter(pk__in=first.union(*rest))

    def _conditions(self, scope: TransferScope) -> Q:
        conditions, typed = scope.visible, self.form.cleaned_data if self.form.is_valid() else {}
        if organization := typed.get("organization"):
            branch = bool(typed.get("branch"))
            conditions &= scope.held_by(organization, branch=branch)
        if purchase_order := typed.get("purchase_order"):
            conditions &= scope.with_purchase_order(purchase_order)
        return conditions

    @property
    def is_searched(self) -> bool:
        """Return whether anything was searched for."""
        return any(self.form[name].value() for name in self.form.fields)
