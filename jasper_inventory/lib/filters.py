"""Base classes for the searches of lists."""

from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from jasper_inventory.lib.forms import DateTextField, WholeNumberField


class WholeNumberFilter(django_filters.Filter):
    """A filter for whole numbers as people type them."""

    field_class = WholeNumberField


class DayFilter(django_filters.DateFilter):
    """A filter for dates as people type them."""

    field_class = DateTextField


class PeriodForm(forms.Form):
    """A search with the first and the last day of a period, named by `period`."""

    period = ("first_day", "last_day")

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        first, last = (self.cleaned_data.get(name) for name in self.period)
        if first and last and last < first:
            self.add_error(self.period[1], _("The last day is before the first day."))
        return cleaned


def order_number_filter(**kwargs: Any) -> WholeNumberFilter:
    """Return the *Order Number* filter of a search."""
    return WholeNumberFilter(
        label=_("Order Number"),
        min_value=1,
        max_value=2**63 - 1,
        error_messages={
            "min_value": _("Enter an order number of digits only."),
            "max_value": _("This order number is too long. Check the number."),
        },
        **kwargs,
    )


class PageFilterSet(django_filters.FilterSet):
    """A search with its own field ids, because a dialog over the page may use the same names."""

    @property
    def form(self) -> forms.Form:
        form = super().form
        form.auto_id = "search_%s"
        return form

    @property
    def found(self) -> QuerySet[Any]:
        """The matching rows, or none if a field is invalid."""
        wrong = set(self.form.errors) - {"sort"}
        return self.qs.none() if wrong else self.qs
