"""What links to the inventory page narrow it to besides what its search offers."""

import django_filters
from django import forms
from django.db.models import Q
from django.db.models.lookups import GreaterThan
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from jasper_inventory.accounts.models import Organization
from jasper_inventory.inventory.places import FREE, GIVEN, RESTING, UNLIMITED
from jasper_inventory.lib.filters import PageFilterSet
from licenses.product_mix import MixFilter

ENDING_CHOICES = {
    "30": _("Within 30 days"),
    "60": _("Within 60 days"),
    "90": _("Within 90 days"),
}

# Among the orders that haven't ended. What can't be counted in places stands apart, so unlimited
# licenses are only where the choice says so.
PLACES_CHOICES = {
    "counted": (_("Licenses that haven't ended"), Q()),
    "given": (_("Some given on"), ~UNLIMITED & Q(GreaterThan(GIVEN, 0))),
    "used": (_("Some in use"), ~UNLIMITED & Q(enrolled__gt=0)),
    "free": (_("Some free"), Q(GreaterThan(FREE, 0))),
    "resting": (
        _("Some free, which can't be used today"),
        Q(GreaterThan(FREE, 0), status__in=RESTING),
    ),
    "unlimited": (_("Unlimited"), UNLIMITED),
}


class NarrowingFilter(PageFilterSet):
    """The filters that have no field of their own on the page: they stand above the table."""

    below = django_filters.ModelChoiceFilter(
        label=_("Organization with all below"),
        queryset=lambda request: Organization.objects.visible_to(request.membership),
        method="by_branch",
        widget=forms.HiddenInput,
    )
    places = django_filters.ChoiceFilter(
        label=_("Places"),
        choices=[(value, label) for value, (label, _condition) in PLACES_CHOICES.items()],
        method="by_places",
        widget=forms.HiddenInput,
    )
    ending = django_filters.ChoiceFilter(
        label=_("Ending"),
        choices=list(ENDING_CHOICES.items()),
        method="by_end",
        widget=forms.HiddenInput,
    )
    mix = MixFilter(label=_("Product Mix"), widget=forms.HiddenInput)

    def by_branch(self, queryset, name, value):
        """The orders of an organization and of all below it."""
        return queryset.in_scope_of(value)

    def by_places(self, queryset, name, value):
        _label, condition = PLACES_CHOICES[value]
        return queryset.not_ended(timezone.localdate()).filter(condition)

    def by_end(self, queryset, name, value):
        return queryset.ending_within(int(value), timezone.localdate())

    @property
    def narrowed(self):
        """The fields of these filters that are in use, each with its value for the reader."""
        names = [name for name in NarrowingFilter.base_filters if name in self.form.fields]
        return [
            (self.form[name], self.for_reader(name)) for name in names if self.form[name].value()
        ]

    def for_reader(self, name):
        """What was entered in a field: by its name where it is a choice, else as typed."""
        field, value = self.form.fields[name], self.form[name].value()
        if name not in self.form.errors:
            value = self.form.cleaned_data[name]
        if value is True:
            return _("Yes")
        # An organization's field would read all of them for its choices.
        is_choice = isinstance(field, forms.ChoiceField) and not hasattr(field, "queryset")
        return dict(field.choices).get(value, value) if is_choice else value
