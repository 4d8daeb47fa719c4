"""The rows of planned orders, as lines for COPY."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from random import Random
from typing import Any

from jasper_inventory.accounts.models import Level
from jasper_inventory.demo.large.orders import Line
from jasper_inventory.demo.large.seats import is_removed, staying
from jasper_inventory.demo.large.tree import Node, Tree
from jasper_inventory.lib.code_format import LENGTH
from licenses.models import ActivityKind, Outcome
from licenses.models.alerts import FIRST_ALERT, SECOND_ALERT
from licenses.models.branches import ABOVE
from licenses.models.mixes import SEPARATOR

NULL = "\\N"
REASONS = {
    "suspended": "The invoice is overdue.",
    "paused": "The teacher code was posted online.",
    "rejected": "There are licenses of these products left.",
    "reclaimed": "Not needed this year.",
}


def row(*values: Any) -> str:
    """Return a line for COPY."""
    return "\t".join([NULL if value is None else str(value) for value in values]) + "\n"


class Days:
    """Dates and times by ordinal day, as text; times are within working hours."""

    def __init__(self) -> None:
        self._texts: dict[int, str] = {}

    def __getitem__(self, day: int) -> str:
        if day not in self._texts:
            self._texts[day] = date.fromordinal(day).isoformat()
        return self._texts[day]

    def at(self, day: int, salt: int) -> str:
        """Return a moment of the day, a different one for each salt."""
        return f"{self[day]} {16 + salt % 7}:{salt * 13 % 60:02}:{salt * 7 % 60:02}+00"


@dataclass
class Plan:
    """All that is loaded, before it is rows."""

    tree: Tree
    lines: list[Line]
    today: int
    staff: int
    mixes: list[list[list[int]]]
    draw: Callable[[int], bytes]
    random: Random
    days: Days = field(default_factory=Days)

    def approved(self) -> Iterator[Line]:
        """Yield the approved orders."""
        return (line for line in self.lines if line.is_approved)

    def reviewer(self, line: Line) -> int:
        """Return who assigned an order, or reviewed or withdrew its request."""
        if line.outcome == Outcome.WITHDRAWN:
            return line.holder.administrator
        if line.is_approved and line.parent is None or line.supplier.level == Level.VENDOR:
            return self.staff
        return line.supplier.administrator

    def assigner(self, line: Line) -> Node:
        """Return the organization that assigned an approved order."""
        return self.tree.vendor if line.parent is None else line.supplier

    def requester(self, line: Line) -> Node:
        """Return the organization that made a request."""
        return line.supplier if line.is_by_proxy else line.holder

    def requested(self, line: Line) -> str:
        """Return when a request was made: some days before it was reviewed."""
        days = 0 if line.outcome == Outcome.PENDING else 2
        return self.days.at(line.created - days, line.pk)

    def reviewed(self, line: Line) -> str:
        return self.days.at(line.created, line.pk + 1)

    def stopped(self, line: Line) -> str:
        """Return when an order was suspended, deactivated or paused."""
        last = min(line.finish, self.today - 1)
        return self.days.at(max(line.start, last - line.pk % 30), line.pk)

    def joined(self, line: Line, at: int) -> int:
        """Return the day when the order's student joined, by the student's number."""
        if line.start >= self.today:
            # Carried over to an order that starts later.
            return line.created
        last = min(line.finish, self.today - 1)
        return line.start + (at * 37 + line.pk) % (last - line.start + 1)


# The other columns get their defaults: see `model_defaults`.
ORDER = (
    "id number outcome purchase_order requested_at requested_students reviewed_at"
    " requester_comments approval_comments joining_paused_at joining_paused_by_id"
    " joining_pause_reason suspended_at suspended_by_id suspended_by_organization_id"
    " suspension_reason suspended_ancestors inventory_type start_date finish_date students"
    " number_of_codes users_per_code duration is_active enrolled allocated codes_created"
    " codes_allocated assigned_by_organization_id assigned_to_id forwarded_as_id parent_id"
    " renewal_of_id requested_by_id requested_by_organization_id requested_to_id reviewed_by_id"
    " teacher_code_id mix "
) + " ".join(f"{column}_id" for column in ABOVE.values())


def orders(plan: Plan, first_number: int) -> Iterator[str]:
    """Yield the orders."""
    for at, line in enumerate(plan.lines):
        yield row(
            *(line.pk, first_number + at, line.outcome, purchase_order(line)),
            *_review(plan, line),
            *_stops(plan, line),
            *_terms(plan, line),
            *_relations(plan, line),
            SEPARATOR.join(map(str, sorted(plan.mixes[line.family][line.mix]))),
            *(line.holder.above(level) for level in ABOVE),
        )


def purchase_order(line: Line) -> str:
    """Return the purchase order; some orders have none."""
    if line.pk % 5 == 0:
        return ""
    return f"PO-{date.fromordinal(line.created).year}-{line.pk * 7919 % 99991:05}"


def _review(plan: Plan, line: Line) -> Iterator[Any]:
    is_pending = line.outcome == Outcome.PENDING
    size = line.size
    if line.is_codes and size is not None:
        size *= line.users_per_code
    yield plan.requested(line) if line.is_requested else None
    yield size if line.is_requested else None
    yield None if is_pending else plan.reviewed(line)
    yield "For the new school year." if line.is_requested and line.pk % 4 == 0 else ""
    yield REASONS["rejected"] if line.outcome == Outcome.REJECTED else ""


def _stops(plan: Plan, line: Line) -> Iterator[Any]:
    by = line.holder.administrator
    yield from ((plan.stopped(line), by, REASONS["paused"]) if line.is_paused else (None, None, ""))
    assigner = plan.assigner(line)
    if line.is_suspended:
        yield from (plan.stopped(line), plan.reviewer(line), assigner.pk, REASONS["suspended"])
    else:
        yield from (None, None, None, "")
    yield line.suspended_ancestors


def _terms(plan: Plan, line: Line) -> Iterator[Any]:
    is_codes, days = line.is_codes, plan.days
    yield line.kind
    if not line.is_approved:
        yield from (None, None, None, None, line.users_per_code or None, None, "t", 0, 0, 0, 0)
        return
    yield from (days[line.start], days[line.finish])
    yield from (None, line.size) if is_codes else (line.size, None)
    yield from (line.users_per_code, line.duration) if is_codes else (None, None)
    yield "f" if line.is_inactive else "t"
    yield line.enrolled
    allocated = line.allocated
    yield from (0, line.codes_created, allocated) if is_codes else (allocated, 0, 0)


def _relations(plan: Plan, line: Line) -> Iterator[Any]:
    yield plan.assigner(line).pk if line.is_approved else None
    yield line.holder.pk
    for other in (line.forwarded_as, line.parent, line.renewal_of):
        yield other and other.pk
    if line.is_requested:
        asking = plan.requester(line)
        yield from (asking.administrator, asking.pk, line.supplier.pk)
    else:
        yield from (None, None, None)
    yield None if line.outcome == Outcome.PENDING else plan.reviewer(line)
    yield line.code_of.teacher_code if line.is_approved else None


def order_products(plan: Plan, keys: Iterator[int]) -> Iterator[str]:
    """Yield the product mixes."""
    for line in plan.lines:
        for product in plan.mixes[line.family][line.mix]:
            yield f"{next(keys)}\t{line.pk}\t{product}\n"


def teacher_codes(plan: Plan, characters: Callable[[int], str]) -> Iterator[str]:
    """Yield the teacher codes of all approved orders that don't keep another's."""
    for line in plan.approved():
        if line.code_of is line:
            yield row(line.teacher_code, characters(LENGTH), plan.reviewed(line))


TRANSFER = (
    "id kind from_order_id to_order_id number made_by_id made_at purchase_order reason"
    " assigned_to_id supplier_id compact_purchase_orders "
) + " ".join(f"{column}_id" for column in ABOVE.values())


def transfers(plan: Plan, keys: Iterator[int]) -> Iterator[str]:
    """Yield what was allocated and reclaimed."""
    for line in plan.approved():
        parent, size = line.parent, line.size
        if parent is None or size is None:
            continue
        order, by = purchase_order(line), plan.reviewer(line)
        number = size + line.reclaimed
        facts = (parent.pk, line.pk, number, by, plan.reviewed(line), order, "")
        found = (
            *(line.holder.pk, parent.holder.pk, order.lower().replace("-", "")),
            *(line.holder.above(level) for level in ABOVE),
        )
        yield row(next(keys), "allocated", *facts, *found)
        if line.reclaimed:
            back = (line.pk, parent.pk, line.reclaimed, by, plan.stopped(line), order)
            yield row(next(keys), "reclaimed", *back, REASONS["reclaimed"], *found)


def activity(plan: Plan, keys: Iterator[int]) -> Iterator[str]:
    """Yield what was done to the orders."""
    for line in plan.lines:
        for kind, at, person, organization, reason, changes in _acts(plan, line):
            changed = json.dumps(changes).replace("\\", "\\\\")
            yield row(next(keys), at, kind.value, reason, changed, organization, person, line.pk)


def _acts(plan: Plan, line: Line) -> Iterator[tuple[Any, ...]]:
    kinds = ActivityKind
    if line.is_requested and line.renewal_of is None:
        asking = plan.requester(line)
        requested = plan.requested(line)
        yield kinds.REQUESTED, requested, asking.administrator, asking.pk, "", []
        if line.forwarded_as is not None:
            supplier = line.supplier
            yield kinds.FORWARDED, requested, supplier.administrator, supplier.pk, "", []
    if line.outcome == Outcome.PENDING:
        return
    by, at = plan.reviewer(line), plan.reviewed(line)
    if line.outcome == Outcome.WITHDRAWN:
        yield kinds.WITHDRAWN, at, by, line.holder.pk, "", []
    elif line.outcome == Outcome.REJECTED:
        yield kinds.REJECTED, at, by, line.supplier.pk, REASONS["rejected"], []
    else:
        assigner = plan.assigner(line).pk
        granted = kinds.APPROVED if line.is_requested else kinds.ASSIGNED
        yield kinds.RENEWED if line.renewal_of else granted, at, by, assigner, "", []
        yield from _later_acts(plan, line, by, assigner)


def _later_acts(plan: Plan, line: Line, by: int, assigner: int) -> Iterator[tuple[Any, ...]]:
    kinds, stopped = ActivityKind, plan.stopped(line)
    holder = (line.holder.administrator, line.holder.pk)
    if line.reclaimed and line.parent is not None and line.size is not None:
        name = "number_of_codes" if line.is_codes else "students"
        change = {"field": name, "from": line.size + line.reclaimed, "to": line.size}
        yield kinds.RECLAIMED, stopped, by, assigner, REASONS["reclaimed"], [change]
    if line.is_suspended:
        yield kinds.SUSPENDED, stopped, by, assigner, REASONS["suspended"], []
    if line.suspended_ancestors:
        yield kinds.SUSPENDED_ABOVE, stopped, None, assigner, "", []
    if line.is_inactive:
        yield kinds.DEACTIVATED, stopped, *holder, "", []
    if line.is_paused:
        yield kinds.PAUSED, stopped, *holder, REASONS["paused"], []


def alerts(plan: Plan, keys: Iterator[int]) -> Iterator[str]:
    """Yield the alerts of orders with many students, or with seats nearly used up."""
    for line in plan.approved():
        number = line.enrolled
        marks = [str(mark) for mark in (FIRST_ALERT, SECOND_ALERT) if number >= mark]
        if line.size is not None:
            seats = line.size * max(line.users_per_code, 1)
            full = (percent for percent in (80, 100) if number and number * 100 >= seats * percent)
            marks = [f"{percent}% of {seats}" for percent in full]
        kind = "students" if line.size is None else "seats"
        for mark in marks:
            yield row(next(keys), line.pk, kind, mark, number, plan.stopped(line))


# The other columns get their defaults: see `model_defaults`.
RENEWAL = (
    "id order_id outcome purchase_order requested_at requested_students reviewed_at"
    " approval_comments code_choice start_date finish_date"
    " new_order_id requested_by_id requested_by_organization_id requested_to_id reviewed_by_id"
)


def renewal_requests(plan: Plan, keys: Iterator[int]) -> Iterator[str]:
    """Yield the approved requests of renewals, and those of some orders that end soon."""
    for line in plan.approved():
        if line.renewal_of is not None:
            yield _renewal(plan, next(keys), line.renewal_of, Outcome.APPROVED, line)
        days_left = line.finish - plan.today
        if line.is_stock or line.is_renewed or not 0 <= days_left < 120:
            continue
        if not line.is_suspended and not line.suspended_ancestors:
            drawn = plan.random.random()
            for outcome, part in OPEN_RENEWALS.items():
                drawn -= part
                if drawn < 0:
                    yield _renewal(plan, next(keys), line, outcome, None)
                    break


# What became of requests to renew orders that end soon, with their parts of those orders.
OPEN_RENEWALS = {Outcome.PENDING: 0.1, Outcome.REJECTED: 0.03, Outcome.WITHDRAWN: 0.02}


def _renewal(plan: Plan, pk: int, old: Line, outcome: str, new: Line | None) -> str:
    line = new or old
    day = new.created if new else max(plan.today - 1 - old.pk % 40, old.start)
    size = line.size if line.size is None else line.size * max(line.users_per_code, 1)
    start = old.finish + 1
    supplier = old.supplier
    by = old.holder.administrator
    if outcome in (Outcome.APPROVED, Outcome.REJECTED):
        by = plan.reviewer(line)
    is_pending = outcome == Outcome.PENDING
    return row(
        *(pk, old.pk, outcome, purchase_order(line), plan.days.at(day - 1, pk), size),
        None if is_pending else plan.days.at(day, pk),
        REASONS["rejected"] if outcome == Outcome.REJECTED else "",
        "existing" if new and new.keeps_code else "new",
        *(plan.days[start], plan.days[start + 364], new and new.pk),
        *(old.holder.administrator, old.holder.pk, supplier.pk, None if is_pending else by),
    )


def current(students: Iterable[int]) -> Iterator[int]:
    """Yield the students who were not removed."""
    return (student for student in students if not is_removed(student))


def used_of(line: Line, at: int) -> int:
    """Return the uses of an order's code; students redeem one code after the other."""
    users = line.users_per_code
    number = min(users, line.students - at * users)
    return staying(line.first_student + at * users, number) if number > 0 else 0
