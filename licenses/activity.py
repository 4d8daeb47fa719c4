"""The activity of an order, as its license holder and its supplier may read it.

Only acts on this order are included; its parent order is never mentioned.
`settings.ORDER_ACTIVITY` names what other apps add.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Subquery, Value
from django.utils.functional import cached_property
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from jasper_inventory.accounts.models import Membership, Organization, Role, User, name_columns
from jasper_inventory.accounts.models.memberships import any_administrator
from jasper_inventory.lib.columns import with_columns
from jasper_inventory.lib.written_queries import ONE, READER, WrittenQuery
from licenses.models import Activity, ActivityKind, Order, Product, Transfer
from licenses.models.branches import in_branch
from licenses.order_fields import Change, described

MOST = 30
# The newest acts of everyone that those of a large branch are looked for in.
_RECENT = 20_000
_OWN_COLUMNS = (
    *("order", "at", "kind", "reason", "changes", "organization__name", "organization__path"),
    *name_columns("person"),
)
_RECENT_COLUMNS = (
    *("order", "at", "kind", "organization__name", "organization__path"),
    *name_columns("person"),
)
_HOLDER_COLUMNS = ("assigned_to__name", "assigned_to__path")


@dataclass
class Act:
    """What a person did, and for which organization. `person` is empty if it is not disclosed."""

    at: datetime
    what: str
    person: User | None = None
    organization: Organization | None = None
    reason: str = ""
    changes: list[Change] = field(default_factory=list)


# A function of another app that returns its acts on an order that a reader may see.
Source = Callable[[Order, Membership], Iterable[Act]]


def newest_transfers(order: Order, membership: Membership) -> list[Transfer]:
    """Return the order's newest transfers: one more than `MOST` if there are older ones."""
    if not membership.is_administrator:
        return []
    blanks = {READER: membership.organization_id, ONE: order.pk}
    return _written_transfers(membership.organization.level).read(blanks)


@cache
def _written_transfers(level: int) -> WrittenQuery[Transfer]:
    transfers = Transfer.objects.visible_to(any_administrator(level)).of_order(Order(pk=ONE))
    return WrittenQuery(transfers.with_people()[: MOST + 1])


def acts_of(
    order: Order, membership: Membership, *, transfers: list[Transfer] | None = None
) -> list[Act]:
    """Return the order's newest acts: one more than `MOST` if there are older ones.

    The order must have `shows_terms` for the reader: see `with_terms_shown`. `transfers` are its
    `newest_transfers`, if they were read already.
    """
    if transfers is None:
        transfers = newest_transfers(order, membership)
    acts = [*_own_acts(order, membership), *_seats_allocated(order, membership, transfers)]
    for name in settings.ORDER_ACTIVITY:
        source: Source = import_string(name)
        acts += source(order, membership)
    acts.sort(key=lambda act: act.at, reverse=True)
    return list(_as_known(acts[: MOST + 1], order, membership.organization))


def _as_known(acts: list[Act], order: Order, reader: Organization) -> Iterator[Act]:
    """Yield the acts without a former supplier's details: see RequestQuerySet.terms_known_to."""
    if reader.is_vendor or order.assigned_to_id == reader.pk:
        yield from acts
        return
    people = {act.person.pk for act in acts if act.person and not order.shows_terms}
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


def recent_acts(membership: Membership, most: int) -> list[tuple[Order, Act]]:
    """Return the newest acts on the orders of an administrator's scope, each with its order.

    A former supplier's names are left out, even where the History tab could show one of them.
    """
    reader = membership.organization
    seen = Order.objects.visible_to(membership)
    found = Activity.objects.all()
    if reader.is_supplier:
        # A branch has many orders, so some are among the newest acts of everyone.
        newest = Subquery(Activity.objects.order_by("-pk").values("pk")[:1])
        found = found.filter(in_branch(reader, "order__"), pk__gt=newest - Value(_RECENT))
        found = found.order_by("-pk")
    else:
        found = found.filter(order__in=seen.order_by().values("pk"))
    listed = list(with_columns(found, *_RECENT_COLUMNS)[:most])
    orders = with_columns(seen.with_terms_shown(reader), "number", *_HOLDER_COLUMNS).in_bulk(
        {each.order_id for each in listed}
    )
    acts = []
    for one in listed:
        if order := orders.get(one.order_id):
            act = Act(one.at, one.get_kind_display(), one.person, one.organization)
            acts.append((order, _without_former_suppliers(act, order, reader)))
    return sorted(acts, key=lambda each: each[1].at, reverse=True)


def _without_former_suppliers(act: Act, order: Order, reader: Organization) -> Act:
    if reader.is_vendor or order.assigned_to_id == reader.pk:
        return act
    is_former = act.organization is not None and not order.has_above(act.organization)
    return Act(act.at, act.what) if is_former or not order.shows_terms else act


class Sides:
    """Finds the organization that a person acted for."""

    def __init__(self, people: Iterable[int | None], *organizations: Organization | None) -> None:
        self.people: dict[Any, Any] = {}
        if found := {pk for pk in people if pk}:
            held = Membership.objects.filter(
                user=OuterRef("pk"),
                organization__in={each.pk for each in organizations if each},
                role=Role.ADMINISTRATOR,
            )
            sides = ArraySubquery(held.values("organization"))
            self.people = User.objects.annotate(sides=sides).in_bulk(found)

    @cached_property
    def vendor(self) -> Organization:
        """CCI, for which its staff act."""
        return Organization.objects.vendor()

    def is_administrator(self, person: User, organization: Organization | None) -> bool:
        """Return whether the person administers the organization today."""
        if person.is_staff:
            return True
        return organization is not None and self._administers(person, organization)

    def _administers(self, person: User, organization: Organization) -> bool:
        known = self.people.get(person.pk)
        # None if no organization is likely.
        return known is not None and organization.pk in (known.sides or ())

    def organization(self, person: User, *likely: Organization | None) -> Organization | None:
        """Return CCI for its staff, or the first likely organization the person administers."""
        if person.is_staff:
            return self.vendor
        for each in likely:
            if each and self._administers(person, each):
                return each
        return next(filter(None, likely), None)


def _own_acts(order: Order, membership: Membership) -> Iterator[Act]:
    """Yield the acts that services recorded, with the current names of products."""
    found = _written_acts().read({ONE: order.pk})
    named = {pk for one in found for change in one.changes for pk in _products_in(change)}
    products = Product.objects.select_related("family").in_bulk(named) if named else {}
    reads_reclaims = _reads_reclaims(order, membership.organization)
    for one in found:
        is_hidden = one.kind == ActivityKind.RECLAIMED and not reads_reclaims
        yield Act(
            one.at,
            one.get_kind_display(),
            one.person,
            one.organization,
            "" if is_hidden else one.reason,
            described(one.changes, products),
        )


@cache
def _written_acts() -> WrittenQuery[Activity]:
    return WrittenQuery(with_columns(Order(pk=ONE).activity.all(), *_OWN_COLUMNS)[: MOST + 1])


def _products_in(change: dict[str, Any]) -> list[int]:
    return [*change.get("added", ()), *change.get("removed", ())]


def _reads_reclaims(order: Order, reader: Organization) -> bool:
    """Return whether the reader may know why seats were reclaimed.

    The reason is between supplier and license holder, as on the transfer.
    """
    assigner = order.assigned_by_organization
    sees_assigner = assigner is not None and assigner.path.startswith(reader.path)
    return sees_assigner or order.assigned_to_id == reader.pk


def _seats_allocated(
    order: Order, membership: Membership, transfers: list[Transfer]
) -> Iterator[Act]:
    """Yield the seats and codes allocated from the order, and reclaimed into it."""
    if len(transfers) > MOST:
        # Older ones may be out of this order.
        visible = Transfer.objects.visible_to(membership).out_of(order).with_people()
        out_of = list(visible[: MOST + 1])
    else:
        out_of = [each for each in transfers if each.allocated != order]
    sides = Sides((), order.assigned_to)
    for transfer in out_of:
        end = transfer.to_order if transfer.is_allocated else transfer.from_order
        number = _("unlimited") if transfer.number is None else transfer.number
        words = {"number": number, "holder": end.assigned_to}
        if transfer.is_allocated:
            text = _("Allocated to %(holder)s: %(number)s") % words
        else:
            text = _("Reclaimed from %(holder)s: %(number)s") % words
        person = transfer.made_by
        yield Act(
            transfer.made_at,
            text,
            person,
            sides.organization(person, order.assigned_to),
            transfer.reason if transfer.shows_terms else "",
        )
