"""What happened to an order, as both of its sides may read it: acts on this order, no others.

Of the order that it was carved from nothing is told. Apps above add their own acts to `tellers`.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db.models import F, Q, TextField, Window
from django.db.models.functions import Cast, JSONObject, Lag
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jasper_inventory.accounts.models import Membership, Organization, Role, User
from licenses.labels import LABELS, Change, changes_between, product_changes
from licenses.models import Order, Outcome, Product, TeacherCode, Transfer

MOST = 30
# Counters aren't among them: joining is not an act of the two sides.
_TOLD = (
    *(name for name in LABELS if name != "teacher_code"),
    *("outcome", "suspended_at", "suspended_ancestors", "teacher_code_id", "joining_paused_at"),
    "requested_to_id",
)
# What holder and assigner may do alike.
_GUARDING = {
    "joining.paused": gettext_lazy("New enrollments paused"),
    "joining.allowed": gettext_lazy("New enrollments allowed again"),
    "teacher code.replaced": gettext_lazy("Teacher code replaced"),
}


@dataclass
class Act:
    """What one person did, for which organization. `person` is empty where it isn't told."""

    at: datetime
    what: str
    person: User | None = None
    organization: Organization | None = None
    reason: str = ""
    changes: list[Change] = field(default_factory=list)


Teller = Callable[[Order, Membership], Iterable[Act]]
tellers: list[Teller] = []


def acts_of(order: Order, membership: Membership) -> list[Act]:
    """The order's newest acts, one more than `MOST` where there are older ones.

    The order has `shows_terms` for the reader: see `with_terms_shown`.
    """
    acts = [*_own_acts(order, membership), *_places_given(order, membership)]
    for tell in tellers:
        acts += tell(order, membership)
    acts.sort(key=lambda act: act.at, reverse=True)
    return list(_as_known(acts[: MOST + 1], order, membership.organization))


def _as_known(acts: list[Act], order: Order, reader: Organization) -> Iterator[Act]:
    """The acts without whatever a former supplier left: see RequestQuerySet.terms_known_to."""
    if reader.is_vendor or order.assigned_to_id == reader.pk:
        yield from acts
        return
    people = {act.person.pk for act in acts if act.person}
    sides = Sides(people, *(act.organization for act in acts))
    for act in acts:
        if act.organization is not None and not order.has_above(act.organization):
            yield Act(act.at, act.what)
        elif order.shows_terms:
            yield act
        else:
            # Someone without a role today may have acted for the former supplier.
            is_known = act.person is None or sides.is_administrator(act.person, act.organization)
            yield Act(act.at, act.what, *((act.person, act.organization) if is_known else ()))


class Sides:
    """For which organization a person acted."""

    def __init__(self, people: Iterable[int | None], *organizations: Organization | None) -> None:
        self.people = User.objects.in_bulk({pk for pk in people if pk})
        held = Membership.objects.filter(
            user__in=self.people,
            organization__in=[each for each in organizations if each],
            role=Role.ADMINISTRATOR,
        )
        self.held = set(held.values_list("user_id", "organization_id"))
        self.vendor = Organization.objects.vendor()

    def is_administrator(self, person: User, organization: Organization | None) -> bool:
        """Whether the person acts for the organization today."""
        if person.is_staff:
            return True
        return organization is not None and (person.pk, organization.pk) in self.held

    def organization(self, person: User, *likely: Organization | None) -> Organization | None:
        """CCI for its staff; else the first of the likely ones that the person administers."""
        if person.is_staff:
            return self.vendor
        for each in likely:
            if each and (person.pk, each.pk) in self.held:
                return each
        return next(filter(None, likely), None)


def _own_acts(order: Order, membership: Membership) -> Iterator[Act]:
    """From the history that the database writes: what changed from each state to the next."""
    state = Cast(JSONObject(**{name: name for name in _TOLD}), TextField())
    events = list(
        order.events.annotate(state=state)
        .annotate(was=Window(Lag("state"), order_by=F("pgh_id").asc()))
        .filter(Q(was=None) | ~Q(was=F("state")))
        .select_related("pgh_context")
        .order_by("-pgh_id")[: MOST + 1]
    )
    mixes = _product_acts(order)
    steps = [
        _Step(
            event.pgh_created_at,
            _facts(event),
            json.loads(event.was) if event.was else None,
            json.loads(event.state),
            mixes.pop(event.pgh_context_id, []),
        )
        for event in events
    ]
    steps += [_Step(mix[0].pgh_created_at, _facts(mix[0]), {}, {}, mix) for mix in mixes.values()]
    yield from _Reader(order, membership, [step for step in steps if "action" in step.facts]).acts()


def _facts(event: Any) -> dict[str, Any]:
    return event.pgh_context.metadata if event.pgh_context else {}


def _product_acts(order: Order) -> dict[Any, list[Any]]:
    """The events of the product mix that are edits, by the act they belong to."""
    events = apps.get_model("licenses", "OrderProductEvent").objects.filter(
        order=order.pk, pgh_context__metadata__action="order.edited"
    )
    acts: dict[Any, list[Any]] = {}
    for event in events.select_related("pgh_context").order_by("-pgh_id")[:500]:
        acts.setdefault(event.pgh_context_id, []).append(event)
    return dict(list(acts.items())[: MOST + 1])


@dataclass
class _Step:
    """A change of the order's row, or of its product mix, with what its act says."""

    at: datetime
    facts: dict[str, Any]
    was: dict[str, Any] | None
    now: dict[str, Any]
    mix: list[Any]


class _Reader:
    """Turns steps into acts; looks up what they name in a few queries."""

    def __init__(self, order: Order, membership: Membership, steps: list[_Step]) -> None:
        self.order, self.steps = order, steps
        assigner, top = order.assigned_by_organization, membership.organization
        sees_assigner = assigner is not None and assigner.path.startswith(top.path)
        # As on its transfer: why places were taken back is between supplier and holder.
        self.reads_taking = sees_assigner or order.assigned_to_id == top.pk
        involved = (order.assigned_to, order.assigned_by_organization)
        asked = (order.requested_by_organization, order.requested_to)
        addressed = {state["requested_to_id"] for step in steps for state in (step.now,) if state}
        self.addressees = Organization.objects.in_bulk(addressed - {None})
        asked = (*asked, *self.addressees.values())
        self.sides = Sides((step.facts.get("user") for step in steps), *involved, *asked)
        states = [state for step in steps for state in (step.was, step.now) if state]
        self.codes = TeacherCode.objects.in_bulk({state["teacher_code_id"] for state in states})
        mixed = {event.product_id for step in steps for event in step.mix}
        self.products = Product.objects.select_related("family").in_bulk(mixed)

    def acts(self) -> Iterator[Act]:
        for step in self.steps:
            what, *likely = self._what(step)
            if not what:
                continue
            if not likely:
                yield Act(step.at, what, organization=self.order.assigned_by_organization)
                continue
            person = self.sides.people.get(step.facts.get("user"))
            yield Act(
                step.at,
                what,
                person,
                self.sides.organization(person, *likely) if person else None,
                self._reason(step),
                self._changes(step),
            )

    def _what(self, step: _Step) -> tuple[Any, ...]:
        """What was done, and for whom it probably was. For nobody: whose act it is isn't told."""
        order, now, was = self.order, step.now, step.was
        holder, assigner = order.assigned_to, order.assigned_by_organization
        if was is None:
            if now["outcome"] == Outcome.PENDING:
                return _("Requested"), order.requested_by_organization
            renewed = step.facts["action"].startswith("renewal")
            return _("Assigned, as a renewal") if renewed else _("Assigned"), assigner
        if not was:
            return _("Edited"), assigner
        differs = {name for name in now if now[name] != was[name]}
        if "outcome" in differs:
            if now["outcome"] == Outcome.WITHDRAWN:
                return _("Request withdrawn"), order.requested_by_organization, holder
            approved = now["outcome"] == Outcome.APPROVED
            text = _("Request approved") if approved else _("Request rejected")
            return text, assigner or order.requested_to
        if bool(now["suspended_at"]) != bool(was["suspended_at"]):
            return _("Suspended") if now["suspended_at"] else _("Resumed"), assigner
        if "suspended_ancestors" in differs:
            if now["suspended_ancestors"] > was["suspended_ancestors"]:
                return (_("Suspended with the license that it came from"),)
            return (_("No longer suspended with the license that it came from"),)
        if step.facts["action"] == "order.taken back":
            return _("Places taken back"), assigner
        if step.facts["action"] in ("order.activated", "order.deactivated"):
            return _("Activated") if now["is_active"] else _("Deactivated"), holder
        if step.facts["action"] in _GUARDING:
            return str(_GUARDING[step.facts["action"]]), holder, assigner
        if step.facts["action"] == "order.passed on":
            # Who it was addressed to then: a move readdresses it.
            return _("Passed on to the next supplier"), self.addressees.get(now["requested_to_id"])
        # Whatever else wrote the row is no act of either side.
        return _("Edited") if step.facts["action"] == "order.edited" else "", assigner

    def _reason(self, step: _Step) -> str:
        if step.was and step.now["outcome"] == Outcome.REJECTED:
            return step.now["approval_comments"]
        if step.facts["action"] == "order.taken back" and not self.reads_taking:
            return ""
        return str(step.facts.get("reason", ""))

    def _changes(self, step: _Step) -> list[Change]:
        """What an edit changed; what a decision set stands on the order."""
        edits = ("order.edited", "order.taken back", "teacher code.replaced")
        if step.facts["action"] not in edits or step.was is None:
            return []
        fields = changes_between(self._named(step.was), self._named(step.now)) if step.was else []
        names: dict[str, list[str]] = {"insert": [], "delete": []}
        for event in step.mix:
            names[event.pgh_label].append(str(self.products[event.product_id]))
        return [*fields, *product_changes(sorted(names["insert"]), sorted(names["delete"]))]

    def _named(self, state: dict[str, Any]) -> dict[str, Any]:
        return state | {"teacher_code": str(self.codes.get(state["teacher_code_id"], ""))}


def _places_given(order: Order, membership: Membership) -> Iterator[Act]:
    """What was given out of the order, and taken back into it."""
    visible = Transfer.objects.visible_to(membership).out_of(order).with_people()
    transfers = list(visible[: MOST + 1])
    sides = Sides((), order.assigned_to)
    for transfer in transfers:
        end = transfer.to_order if transfer.is_given else transfer.from_order
        number = _("unlimited") if transfer.number is None else transfer.number
        words = {"number": number, "holder": end.assigned_to}
        if transfer.is_given:
            text = _("Given to %(holder)s: %(number)s") % words
        else:
            text = _("Taken back from %(holder)s: %(number)s") % words
        person = transfer.made_by
        yield Act(
            transfer.made_at,
            text,
            person,
            sides.organization(person, order.assigned_to),
            transfer.reason if transfer.shows_terms else "",
        )
