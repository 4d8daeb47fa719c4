"""The search of an order's people. The name that was typed stands in no address."""

from urllib.parse import urlencode

import django_filters
from django import forms
from django.utils.translation import gettext_lazy as _

from jasper_inventory.lib.filters import PageFilterSet
from jasper_inventory.lib.searches import PARAMETER, keep_search
from jasper_inventory.lib.text_fields import has_words
from licenses.models import Enrollment

ROLE_CHOICES = [("", _("All")), ("teachers", _("Teachers")), ("students", _("Students"))]
ON_CHOICES = [
    ("", _("On the order")),
    ("deactivated", _("Deactivated")),
    ("off", _("Taken off")),
]


class PeopleFilter(PageFilterSet):
    """Search by any combination; nothing entered shows all who are on the order.

    It is sent by POST. The session keeps the name; role and state stand in the address.
    """

    name = django_filters.CharFilter(
        label=_("Name, username or email"), method="by_name", max_length=150
    )
    role = django_filters.ChoiceFilter(
        label=_("Role"),
        choices=ROLE_CHOICES,
        empty_label=None,
        method="by_role",
        widget=forms.RadioSelect,
    )
    on = django_filters.ChoiceFilter(
        label=_("People"),
        choices=ON_CHOICES,
        empty_label=None,
        method="by_on",
        widget=forms.RadioSelect,
    )

    class Meta:
        model = Enrollment
        fields = []

    def by_name(self, queryset, name, value):
        """Each word is a part of a name or of the address."""
        return queryset.filter(has_words(["user__folded"], value))

    def by_role(self, queryset, name, value):
        return queryset.teachers() if value == "teachers" else queryset.students()

    def by_on(self, queryset, name, value):
        return queryset.taken_off() if value == "off" else queryset.filter(user__is_active=False)

    def filter_queryset(self, queryset):
        if not self.shows_taken_off:
            queryset = queryset.current()
        return super().filter_queryset(queryset)

    @property
    def shows_taken_off(self):
        """Whether the list is of those who were taken off."""
        return self.form.is_valid() and self.form.cleaned_data["on"] == "off"

    def address_of(self, request):
        """Where the results are: what may stand in an address, and the key of the name."""
        typed = {name: self.data.get(name, "") for name in ("role", "on")}
        query = {name: value for name, value in typed.items() if value}
        if name := self.form.cleaned_data["name"]:
            query[PARAMETER] = keep_search(request, name)
        return f"{request.path}?{urlencode(query)}" if query else request.path

    @property
    def is_searched(self):
        """Whether anything was searched for."""
        return any(self.form[name].value() for name in self.form.fields)
