"""The search of the Activity log: a plain GET form."""

from datetime import date
from typing import ClassVar

import django_filters
from django import forms
from django.db.models import Q
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from jasper_inventory.accounts.decorators import MemberHttpRequest
from jasper_inventory.accounts.filters import BranchFilter, OrganizationFilter
from jasper_inventory.accounts.log_actions import ACTIONS
from jasper_inventory.accounts.log_lines import ADMINISTRATOR
from jasper_inventory.accounts.models import LogEntry, LogKind, Organization
from jasper_inventory.accounts.models.log_entries import LogEntryQuerySet
from jasper_inventory.lib import days
from jasper_inventory.lib.filters import DayFilter, PageFilterSet, PeriodForm, WholeNumberFilter


class LogEntryFilter(PageFilterSet):
    """Search by any combination; an empty search shows all entries of the scope."""

    # The person's key: names must not be in addresses. The list links to it.
    who = WholeNumberFilter(
        method="by_who", min_value=1, max_value=2**63 - 1, widget=forms.HiddenInput
    )
    organization = OrganizationFilter(label=_("Organization"), method="by_organization")
    branch = BranchFilter()
    action = django_filters.ChoiceFilter(
        label=_("Action"),
        choices=sorted(ACTIONS.items(), key=lambda one: str(one[1])),
        empty_label=_("All actions"),
    )
    first_day = DayFilter(label=_("First Day"), method="by_first_day")
    last_day = DayFilter(label=_("Last Day"), method="by_last_day")
    kind = django_filters.ChoiceFilter(
        label=_("Kind"),
        choices=[("", _("All")), *LogKind.choices],
        empty_label=None,
        widget=forms.RadioSelect,
    )

    class Meta:
        model = LogEntry
        form = PeriodForm
        fields: ClassVar[list[str]] = []

    def __init__(self, data: QueryDict, *, request: MemberHttpRequest) -> None:
        entries = LogEntry.objects.visible_to(request.membership)
        self.reader = request.membership
        super().__init__(data, entries, request=request)

    @property
    def found(self) -> LogEntryQuerySet:
        """The found entries."""
        found = super().found
        assert isinstance(found, LogEntryQuerySet)
        return found

    def by_who(self, queryset: LogEntryQuerySet, name: str, value: int) -> LogEntryQuerySet:
        """Keep acts of a person, of those in which the reader sees them: see log_lines."""
        own = self.reader.organization_id
        ours = Q(organization=own) | Q(acted_for=own) | Q(role=ADMINISTRATOR)
        return queryset.filter(ours, actor=value)

    def by_organization(
        self, queryset: LogEntryQuerySet, name: str, value: Organization
    ) -> LogEntryQuerySet:
        """Keep entries of an organization, and of those below it if they are asked for."""
        if not self.form.cleaned_data.get("branch"):
            return queryset.filter(organization=value)
        branch = Organization.objects.in_scope_of(value).order_by()
        return queryset.filter(organization__in=branch.values("pk"))

    def by_first_day(self, queryset: LogEntryQuerySet, name: str, value: date) -> LogEntryQuerySet:
        """Keep entries of that day or later."""
        return queryset.filter(at__gte=days.begins(value))

    def by_last_day(self, queryset: LogEntryQuerySet, name: str, value: date) -> LogEntryQuerySet:
        """Keep entries of that day or earlier."""
        return queryset.filter(at__lt=days.ends(value))

    @property
    def is_searched(self) -> bool:
        """Return whether anything was searched for."""
        return any(self.form[name].value() for name in self.form.fields)
