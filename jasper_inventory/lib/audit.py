"""The history of changes and the activity log: tracked models, and who did what and why."""

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, Protocol, TypeVar

import pghistory
from django.conf import settings
from django.db import transaction
from django.db.models import Index, Model
from django.utils.module_loading import import_string

ModelT = TypeVar("ModelT", bound=Model)

# What the history of an order, person or organization shows of its parts is found by these: see
# `history_parts` of the admin.
PARTS_REFER_BY = ("order", "new_order", "organization", "user")


@dataclass(frozen=True)
class Subject:
    """What an act was done to, as the log keeps it: it must outlive the row.

    `text` never has a person's name or a code; people are named by their keys.
    """

    kind: str
    key: int | None
    text: str = ""
    organization: int | None = None
    people: tuple[int, ...] = ()

    def part(self, kind: str, key: int | None, *people: int) -> "Subject":
        """Return a row that belongs to this one and is named by it."""
        return replace(self, kind=kind, key=key, people=people)


class Logged(Protocol):
    """A row that knows how the activity log names it."""

    @property
    def subject(self) -> Subject: ...


@dataclass
class Act:
    """An act while it runs; its service says what it was done to, and what it changed."""

    action: str
    by: Any
    reason: str = ""
    subject: Subject | None = None
    acted_for: int | None = None
    people: set[int] = field(default_factory=set)
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None
    is_recorded: bool = True

    def on(self, row: Logged, *people: int) -> None:
        """Name the row that the act is done to, and the people whom it concerns."""
        self.subject = row.subject
        self.people.update(people)

    def changes(self, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> None:
        """Keep what changed: never a password or a code."""
        self.before, self.after = before, after

    def leave_out(self) -> None:
        """Write no entry: the act changed nothing, or a function of the database writes it."""
        self.is_recorded = False


_running: ContextVar[Act | None] = ContextVar("act", default=None)


def running_act() -> Act | None:
    """Return the act that runs now, or None."""
    return _running.get()


@contextmanager
def audited(action: str, *, by: Any, reason: str = "") -> Iterator[Act]:
    """Run an act of a service in a transaction whose history rows name act, actor and reason.

    `action` is noun.verb, such as "order.suspended". The context is opened outside the
    transaction, because inside a longer one its values would stick to later writes. The activity
    log gets one entry, in the transaction; an act within another one is part of it.
    """
    facts = {"action": action, "user": by.pk}
    if reason:
        facts["reason"] = reason
    act, outer = Act(action, by, reason), _running.get()
    token = _running.set(act)
    try:
        with pghistory.context(**facts), transaction.atomic():
            yield act
            if outer is not None:
                _add(act, outer)
            elif act.is_recorded and not transaction.get_rollback():
                _recorder()(act)
    finally:
        _running.reset(token)


def _add(act: Act, outer: Act) -> None:
    """Add to an act the row and the people of an act within it."""
    outer.subject = outer.subject or act.subject
    outer.acted_for = outer.acted_for or act.acted_for
    outer.people |= act.people


@cache
def _recorder() -> Callable[[Act], None]:
    """Return the function that writes the entry: this package has no models."""
    recorder: Callable[[Act], None] = import_string(settings.ACT_RECORDER)
    return recorder


def tracked(*, exclude: Collection[str] = ()) -> Callable[[type[ModelT]], type[ModelT]]:
    """Class decorator: record each state of a model's rows and their deletion.

    Generated columns are left out.
    """

    def track(model: type[ModelT]) -> type[ModelT]:
        parts = [field.name for field in model._meta.local_fields if field.name in PARTS_REFER_BY]
        computed = [field.name for field in model._meta.local_fields if field.generated]
        pghistory.track(
            pghistory.InsertEvent(),
            pghistory.UpdateEvent(),
            pghistory.DeleteEvent(),
            exclude=[*exclude, *computed],
            meta={"indexes": [Index(fields=[name]) for name in parts]},
        )(model)
        return model

    return track
