"""The history of a row, read from the tables that database triggers fill."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.db.models import Field, ForeignKey, Model, Q
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import localize
from django.utils.translation import gettext as _
from pghistory.models import Event

PAGE = 200
SHOWN_PER_ACT = 25
# Where an organization is in the tree, as the database stores it.
TREE_FIELDS = {"path", "depth", "numchild"}


@dataclass
class Change:
    """A row that an act added, changed or removed, with its fields before and after."""

    what: str
    fields: list[tuple[str, str, str]] = field(default_factory=list)


@dataclass
class Act:
    """The changes that a person made at one moment."""

    at: datetime
    who: str
    action: str
    reason: str
    changes: list[Change]
    more: int = 0


def is_tracked(model: type[Model] | None) -> bool:
    """Return whether the database records the history of a model's rows."""
    return any(
        issubclass(event_model, Event) and event_model.pgh_tracked_model is model
        for event_model in apps.get_models()
    )


def acts_of(obj: Model, *, parts: Collection[str] = (), before: str = "") -> tuple[list[Act], str]:
    """Return a page of the history of a row and its parts, newest act first.

    Parts are rows of other models that refer to it by a foreign key with one of these names. The
    second value is the `before` argument for the next, older page, or "" on the last page.
    """
    until = _moment(before)
    events = []
    for event_model, condition in _sources(obj, parts):
        found = event_model.objects.filter(condition)
        if until:
            found = found.filter(pgh_created_at__lt=until)
        events += found.select_related("pgh_context").order_by("-pgh_id")[: PAGE + 1]
    events.sort(key=lambda event: (event.pgh_created_at, event.pgh_id), reverse=True)
    older = events[PAGE - 1].pgh_created_at.isoformat() if len(events) > PAGE else ""
    events = events[:PAGE]
    reader = _Reader(obj, events)
    acts: dict[Any, list[Any]] = {}
    for event in events:
        acts.setdefault((event.pgh_created_at, event.pgh_context_id), []).append(event)
    return [reader.act(act) for act in acts.values()], older


def _moment(text: str) -> datetime | None:
    try:
        moment = parse_datetime(text)
        # In UTC, because the database accepts fewer time zones than Python.
        return moment.astimezone(UTC) if moment and timezone.is_aware(moment) else None
    except (ValueError, OverflowError):
        return None


def _sources(obj: Model, parts: Collection[str]) -> Iterable[tuple[Any, Q]]:
    """Yield the event tables of a row and its parts, with the condition for their events."""
    model = obj._meta.concrete_model
    for event_model in apps.get_models():
        if not issubclass(event_model, Event):
            continue
        if event_model.pgh_tracked_model is model:
            yield event_model, Q(pgh_obj=obj.pk)
            continue
        for f in event_model._meta.fields:
            if f.name in parts and f.related_model is model:
                yield event_model, Q(**{f.name: obj.pk})


class _Reader:
    """Describe events in words, with a few queries for a whole page."""

    def __init__(self, obj: Model, events: list[Any]) -> None:
        self.obj = obj
        self.previous = self._previous(events)
        self.objects = self._objects(events)
        facts = [event.pgh_context.metadata for event in events if event.pgh_context]
        pks = {str(fact.get("user")) for fact in facts}
        people = get_user_model()._default_manager.in_bulk([pk for pk in pks if pk.isdecimal()])
        self.people = {str(pk): person for pk, person in people.items()}

    def _previous(self, events: list[Any]) -> dict[Any, Any]:
        """Return the previous event of the same row for each event, by the event's key."""
        previous = {}
        by_model: dict[Any, list[Any]] = {}
        for event in events:
            by_model.setdefault(type(event), []).append(event)
        for event_model, own in by_model.items():
            rows = {event.pgh_obj_id for event in own}
            first = min(event.pgh_id for event in own)
            before = (
                event_model.objects.filter(pgh_obj_id__in=rows, pgh_id__lt=first)
                .order_by("pgh_obj_id", "-pgh_id")
                .distinct("pgh_obj_id")
            )
            last = {event.pgh_obj_id: event for event in before}
            for event in sorted(own, key=attrgetter("pgh_id")):
                previous[(event_model, event.pgh_id)] = last.get(event.pgh_obj_id)
                last[event.pgh_obj_id] = event
        return previous

    def _objects(self, events: list[Any]) -> dict[Any, dict[Any, Any]]:
        """Return the rows that changed foreign keys refer to, by model."""
        wanted: dict[Any, set[Any]] = {}
        for event in events:
            for f, old, new in self._changed(event):
                if isinstance(f, ForeignKey):
                    wanted.setdefault(f.related_model, set()).update({old, new} - {None})
        return {
            model: model._base_manager.select_related().in_bulk(pks)
            for model, pks in wanted.items()
        }

    def act(self, events: list[Any]) -> Act:
        first = events[0]
        facts = first.pgh_context.metadata if first.pgh_context else {}
        changes = [self._change(event) for event in reversed(events) if self._is_shown(event)]
        return Act(
            at=first.pgh_created_at,
            who=self._who(facts),
            action=str(facts.get("action", "")).replace(".", " ").capitalize(),
            reason=str(facts.get("reason", "")),
            changes=changes[:SHOWN_PER_ACT],
            more=max(0, len(changes) - SHOWN_PER_ACT),
        )

    def _who(self, facts: dict[str, Any]) -> str:
        person = self.people.get(str(facts.get("user")))
        if person is None:
            return _("the system")
        # The middleware records the page's address; commands have none.
        return str(person) if "url" in facts else _("%(name)s, by a command") % {"name": person}

    def _change(self, event: Any) -> Change:
        name = event.pgh_tracked_model._meta.verbose_name
        words = {
            "insert": _("%(name)s added"),
            "update": _("%(name)s changed"),
            "delete": _("%(name)s removed"),
        }
        what = words.get(event.pgh_label, "%(name)s") % {"name": str(name)}
        shown = [
            (str(f.verbose_name), self._shown(f, old), self._shown(f, new))
            for f, old, new in self._changed(event)
        ]
        return Change(what[:1].upper() + what[1:], shown)

    def _is_shown(self, event: Any) -> bool:
        """Return whether an event changed anything that a reader can use."""
        return event.pgh_label != "update" or any(self._changed(event))

    def _changed(self, event: Any) -> Iterable[tuple[Field[Any, Any], Any, Any]]:
        """Yield the fields that an event changed; for added and removed rows, all with a value."""
        before = self.previous[(type(event), event.pgh_id)]
        for f in event.pgh_tracked_model._meta.concrete_fields:
            if f.primary_key or f.name in TREE_FIELDS or not hasattr(event, f.attname):
                continue
            new = getattr(event, f.attname)
            if f.related_model is self.obj._meta.concrete_model and new == self.obj.pk:
                continue
            if event.pgh_label == "update":
                old = getattr(before, f.attname) if before else None
            elif event.pgh_label == "delete":
                old, new = new, None
            else:
                # A default, such as a counter's 0, is of no interest.
                old = None
                if not isinstance(new, bool) and f.has_default() and new == f.get_default():
                    continue
            if old != new and not (old is None and new == ""):
                yield f, old, new

    def _shown(self, f: Field[Any, Any], value: Any) -> str:
        if value is None or value == "":
            return ""
        if isinstance(f, ForeignKey):
            return str(self.objects[f.related_model].get(value, value))
        if f.choices:
            return str(dict(f.flatchoices).get(value, value))
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        if isinstance(value, datetime):
            return localize(timezone.localtime(value))
        return localize(value) if not isinstance(value, int) else str(value)
