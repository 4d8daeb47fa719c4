"""The search of an order's people, which keeps names out of URLs."""

from typing import Any, ClassVar
from urllib.parse import urlencode

import django_filters
from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from jasper_inventory.lib.filters import PageFilterSet
from jasper_inventory.lib.searches import PARAMETER, keep_search
from jasper_inventory.lib.text_fields import has_words
from licenses.models import Enrollment
from licenses.models.enrollments import EnrollmentQuerySet

ROLE_CHOICES = [("", _("All")), ("teachers", _("Teachers")), ("students", _("Students"))]
ON_CHOICES = [
    ("", _("On the order")),
    ("deactivated", _("Deactivated")),
    ("off", _("Removed")),
]


class PeopleFilter(PageFilterSet):
    """A search by any combination of fields; an empty one shows everyone on the order.

    It is sent by POST. The name is kept in the session, role and state are in the URL.
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
        fields: ClassVar[list[str]] = []

    def by_name(
        self, queryset: QuerySet[Enrollment], name: str, value: str
    ) -> QuerySet[Enrollment]:
        """People whose names or address contain each word."""
        return queryset.filter(has_words(["user_folded"], value))

    def by_role(self, queryset: EnrollmentQuerySet, name: str, value: str) -> QuerySet[Enrollment]:
        return queryset.teachers() if value == "teachers" else queryset.students()

    def by_on(self, queryset: EnrollmentQuerySet, name: str, value: str) -> QuerySet[Enrollment]:
        return queryset.removed() if value == "off" else queryset.filter(user_is_active=False)

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if not self.shows_removed:
            assert isinstance(queryset, EnrollmentQuerySet)
            queryset = queryset.current()
        return super().filter_queryset(queryset)

    @property
    def shows_removed(self) -> bool:
        """Whether the list shows people who were removed."""
        return self.form.is_valid() and self.form.cleaned_data["on"] == "off"

    def address_of(self, request: HttpRequest) -> str:
        """Return the URL of the results, with the key of the kept name."""
        data = self.data or {}
        typed = {name: data.get(name, "") for name in ("role", "on")}
        query = {name: value for name, value in typed.items() if value}
        if name := self.form.cleaned_data["name"]:
            query[PARAMETER] = keep_search(request, name)
        return f"{request.path}?{urlencode(query)}" if query else request.path

    @property
    def is_searched(self) -> bool:
        """Whether any field was filled in."""
        return any(self.form[name].value() for name in self.form.fields)
