"""Entries of the activity log as their readers may see them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from jasper_inventory.accounts.log_actions import ACTIONS
from jasper_inventory.accounts.models import LogEntry, Organization, User
from jasper_inventory.accounts.models.log_entries import LogEntryQuerySet

ADMINISTRATOR = "administrator"
_OF_ORDERS = ("enrollment", "activation code")
_COLUMNS = ("actor", "acted_for", "organization")


@dataclass
class Line:
    """An entry in words. Empty values aren't known, or may not be shown."""

    entry: LogEntry
    what: str
    on_what: str
    who: User | None = None
    acted_for: str = ""
    people: str = ""
    changes: str = ""
    reason: str = ""
    address: str = ""
    browser: str = ""

    @property
    def organization(self) -> str:
        """The name of the organization whose log has the entry."""
        return self.entry.organization.name if self.entry.organization else ""


def listed(entries: LogEntryQuerySet) -> LogEntryQuerySet:
    """Join what lines need."""
    return entries.select_related(*_COLUMNS)


def lines_for(entries: Iterable[LogEntry], reader: Organization) -> Iterator[Line]:
    """Yield lines for an administrator, who doesn't see the people of other organizations.

    Of an act of a sub-organization, only its administrators are named. Of an act on the reader's
    own organization, its supplier or CCI is named, without the person; a former supplier of a
    sub-organization isn't named at all.
    """
    entries = list(entries)
    names = _names(entries)
    for entry in entries:
        side = entry.acted_for
        is_ours = reader.pk in (entry.organization_id, entry.acted_for_id)
        if side is None:
            # Nobody, such as at a wrong password, or someone without a role.
            in_scope = entry.actor is None or not entry.actor.is_staff
        else:
            in_scope = side.path.startswith(reader.path)
        line = Line(entry, _what(entry), _on_what(entry))
        if in_scope and (is_ours or entry.role == ADMINISTRATOR):
            line.who = entry.actor
        if in_scope or entry.organization_id == reader.pk:
            line.acted_for = side.name if side else "" if in_scope else _("CCI Learning")
        if in_scope or is_ours:
            line.changes, line.reason = in_words(entry), entry.reason
        if is_ours:
            line.people = _people(entry, names)
        if in_scope and is_ours:
            line.address, line.browser = entry.address or "", entry.browser
        yield line


def own_lines(entries: Iterable[LogEntry], person: User) -> Iterator[Line]:
    """Yield lines for a person: their own acts whole, and of others' acts only what was done."""
    for entry in entries:
        if entry.actor_id == person.pk:
            yield Line(
                entry,
                _what(entry),
                _on_what(entry),
                who=person,
                acted_for=entry.acted_for.name if entry.acted_for else "",
                changes=in_words(entry),
                reason=entry.reason,
                address=entry.address or "",
                browser=entry.browser,
            )
        else:
            yield Line(entry, _what(entry), _on_what(entry))


def in_words(entry: LogEntry) -> str:
    """Return the values before and after, one after the other; not those that stayed the same."""
    before, after = entry.before or {}, entry.after or {}
    parts = []
    for name in dict.fromkeys([*before, *after]):
        label = str(name).replace("_", " ")
        values = [_value(values[name]) for values in (before, after) if name in values]
        if len(values) == 2 and values[0] == values[1]:
            continue
        parts.append(f"{label}: {' → '.join(values)}")
    return "; ".join(parts)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "–"
    return "–" if value in (None, "") else str(value)


def _what(entry: LogEntry) -> str:
    return str(ACTIONS.get(entry.action, entry.action))


def _on_what(entry: LogEntry) -> str:
    # Enrollments and codes are named by their order.
    kind = "order" if entry.object_kind in _OF_ORDERS else entry.object_kind
    return f"{kind} {entry.object_text}".strip() if entry.object_text else ""


def _people(entry: LogEntry, names: Mapping[int, str]) -> str:
    return ", ".join(names[pk] for pk in entry.people if pk in names)


def _names(entries: Iterable[LogEntry]) -> dict[int, str]:
    """Return the current names of the people whom entries concern; of many, none."""
    people = {pk for entry in entries for pk in entry.people[:20]}
    found = User.objects.filter(pk__in=people).only("username", "first_name", "last_name")
    return {person.pk: str(person) for person in found} if people else {}
