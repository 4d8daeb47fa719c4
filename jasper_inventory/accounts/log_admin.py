"""The activity log in the admin, for CCI staff and read-only."""

import json
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from jasper_inventory.accounts.log_actions import ACTIONS
from jasper_inventory.accounts.models import LogEntry, User
from jasper_inventory.accounts.people_admin import PeopleAdmin

# What colleagues looked at is for superusers.
_LOOKS = ("people.viewed", "people.searched")


class ActionFilter(admin.SimpleListFilter):
    """A filter by action."""

    title = _("action")
    parameter_name = "action"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return sorted(ACTIONS.items(), key=lambda one: str(one[1]))

    def queryset(self, request: HttpRequest, queryset: QuerySet[LogEntry]) -> QuerySet[LogEntry]:
        return queryset.filter(action=self.value()) if self.value() else queryset


@admin.register(LogEntry)
class LogEntryAdmin(PeopleAdmin[LogEntry]):
    """All entries; nothing can be added, changed or deleted."""

    list_display = ("at", "words", "actor", "acted_for", "organization", "object_text", "address")
    list_filter = (ActionFilter, "at")
    sorted_when_few = list_display
    list_select_related = ("actor", "acted_for", "organization")
    person = "actor_id"
    ordering = ("-pk",)
    fields = (
        *("at", "words", "actor", "role", "acted_for", "organization", "shown_people"),
        *("object_kind", "object_key", "object_text", "shown_before", "shown_after", "reason"),
        *("address", "browser", "source", "request_id"),
    )
    links = []

    @admin.display(description=_("action"))
    def words(self, entry: LogEntry) -> str:
        """Return what was done, in words."""
        return str(ACTIONS.get(entry.action, entry.action))

    @admin.display(description=_("people"))
    def shown_people(self, entry: LogEntry) -> str:
        """Return the people whom it concerns, by their current names."""
        people = User.objects.filter(pk__in=entry.people).order_by("pk")
        return ", ".join(f"{person} ({person.username})" for person in people)

    @admin.display(description=_("before"))
    def shown_before(self, entry: LogEntry) -> str:
        return "" if entry.before is None else json.dumps(entry.before)

    @admin.display(description=_("after"))
    def shown_after(self, entry: LogEntry) -> str:
        return "" if entry.after is None else json.dumps(entry.after)

    def get_queryset(self, request: HttpRequest) -> QuerySet[LogEntry]:
        entries = super().get_queryset(request)
        return entries if request.user.is_superuser else entries.exclude(action__in=_LOOKS)

    def get_readonly_fields(self, request: HttpRequest, obj: LogEntry | None = None) -> Any:
        return self.fields

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: LogEntry | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: LogEntry | None = None) -> bool:
        return False
