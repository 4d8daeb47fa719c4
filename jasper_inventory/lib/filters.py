"""What the searches of the pages' lists share."""

from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from jasper_inventory.lib.forms import WholeNumberField


class WholeNumberFilter(django_filters.NumberFilter):
    """A whole number, as people type it."""

    field_class = WholeNumberField


def order_number_filter(**kwargs: Any) -> WholeNumberFilter:
    """The *Order Number* of a search."""
    return WholeNumberFilter(
        label=_("Order Number"),
        min_value=1,
        max_value=2**63 - 1,
        error_messages={
            "min_value": _("An order number has digits only."),
            "max_value": _("There is no order number that long."),
        },
        **kwargs,
    )


class PageFilterSet(django_filters.FilterSet):
    """A search whose fields have ids of their own: a window over the page may have the same
    names."""

    @property
    def form(self) -> forms.Form:
        form = super().form
        form.auto_id = "search_%s"
        return form

    @property
    def found(self) -> QuerySet:
        """What matches; nothing where a field is wrong, whose message stands beside it."""
        wrong = set(self.form.errors) - {"sort"}
        return self.queryset.none() if wrong else self.qs
