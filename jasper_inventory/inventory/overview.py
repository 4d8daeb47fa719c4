"""The overview below the Panel's counts: what needs attention in a role's scope, and its sums.

All of it is summed in one pass over the orders that haven't ended, whatever the size of the scope.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.core.cache import cache
from django.db import connections, transaction
from django.db.models import BooleanField, Case, DateField, ExpressionWrapper, Q, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, TruncMonth
from django.utils import timezone

from jasper_inventory.accounts.models import Level, Membership, Organization
from jasper_inventory.inventory.attention import ANY, REASONS
from licenses.models import Order

MONTHS = 12
MOST_HOLDERS = 10
# A distributor's sums take longer than its other pages, so they are kept for a moment.
KEPT_FOR = timedelta(minutes=2)

# Whether an order was renewed is looked up once for all reasons.
_NEEDS = {
    name: f'("rule_{name}" AND NOT is_renewed)' if need.until_renewed else f'"rule_{name}"'
    for name, need in REASONS.items()
}
_NEEDS["any"] = " OR ".join(_NEEDS[name] for name in ANY)
_COUNTS = ", ".join(f"count(*) FILTER (WHERE {condition})" for condition in _NEEDS.values())
# Reads the orders once. Each group is of a license holder, a product mix or a month, or all orders.
_SUMMED = f"""
    SELECT assigned_to_id, mix, month, GROUPING(assigned_to_id, mix, month), count(*),
           count(*) FILTER (WHERE is_renewed), sum(enrolled)::bigint,
           sum(seats_available)::bigint, {_COUNTS}
    FROM ({{orders}}) AS orders
    GROUP BY GROUPING SETS ((), (assigned_to_id), (mix), (month))
"""
_ALL, _BY_HOLDER, _BY_MIX, _BY_MONTH = 0b111, 0b011, 0b101, 0b110
# PostgreSQL expects as many groups as orders, and would sort them to stay within its usual memory.
_MEMORY = "SET LOCAL work_mem = '256MB'"


@dataclass(frozen=True)
class Month:
    """A month, and the orders that end in it."""

    begins: date
    orders: int
    renewed: int


@dataclass(frozen=True)
class MixSeats:
    """The seats of a product mix. Unlimited licenses have no free ones."""

    mix: str
    used: int
    free: int


@dataclass
class Overview:
    """The sums of a scope on a day."""

    counted_at: datetime
    # The number of orders by the key of `NEEDS`.
    needs: dict[str, int] = field(default_factory=dict)
    months: list[Month] = field(default_factory=list)
    mixes: list[MixSeats] = field(default_factory=list)
    # The license holders with the most orders that need attention: their key and that number.
    holders: list[tuple[int, int]] = field(default_factory=list)


def overview_of(membership: Membership, today: date) -> Overview:
    """Return the overview of a role's scope; of a large branch, as counted a moment ago."""
    organization = membership.organization
    if organization.level >= Level.HUB:
        return _counted(membership, today)
    key = f"overview:{organization.pk}:{organization.path}:{today}"
    found: Overview | None = cache.get(key)
    if found is None:
        found = _counted(membership, today)
        cache.set(key, found, KEPT_FOR.total_seconds())
    return found


def named_holders(overview: Overview) -> list[tuple[Organization, int]]:
    """Return the organizations that need attention most, with the number of their orders."""
    names = Organization.objects.in_bulk([pk for pk, _number in overview.holders])
    return [(names[pk], number) for pk, number in overview.holders if pk in names]


def _counted(membership: Membership, today: date) -> Overview:
    overview = Overview(timezone.now())
    months: dict[date, Month] = {}
    for holder, mix, month, group, orders, renewed, used, free, *counts in _rows(membership, today):
        needs = dict(zip(_NEEDS, counts, strict=True))
        if group == _ALL:
            overview.needs = needs
        elif group == _BY_HOLDER and needs["any"]:
            overview.holders.append((holder, needs["any"]))
        elif group == _BY_MIX:
            overview.mixes.append(MixSeats(mix, used or 0, free or 0))
        elif group == _BY_MONTH and month is not None:
            months[month] = Month(month, orders, renewed)
    overview.holders.sort(key=lambda each: (-each[1], each[0]))
    del overview.holders[MOST_HOLDERS:]
    overview.mixes.sort(key=lambda each: (-each.used, -each.free, each.mix))
    overview.months = [months.get(begins, Month(begins, 0, 0)) for begins in _months(today)]
    return overview


def _months(today: date) -> Iterator[date]:
    for number in range(today.month - 1, today.month - 1 + MONTHS):
        yield date(today.year + number // 12, number % 12 + 1, 1)


def _rows(membership: Membership, today: date) -> list[tuple[Any, ...]]:
    rules = {f"rule_{name}": _fact(need.rule(today)) for name, need in REASONS.items()}
    month = Cast(TruncMonth("finish_date"), DateField())
    shown = Q(finish_date__lt=date(today.year + 1, today.month, 1))
    orders = (
        Order.objects.visible_to(membership)
        .not_ended(today)
        .order_by()
        .values(
            *("assigned_to_id", "mix", "seats_available", "enrolled"),
            month=Case(When(shown, then=month)),
            is_renewed=Order.objects.renewal_exists(),
            **rules,
        )
    )
    statement, values = orders.query.sql_with_params()
    in_transaction = transaction.atomic(using=orders.db, savepoint=False)
    with in_transaction, connections[orders.db].cursor() as cursor:
        cursor.execute(_MEMORY)
        cursor.execute(_SUMMED.format(orders=statement), values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _fact(condition: Q) -> Combinable:
    return ExpressionWrapper(condition, output_field=BooleanField())
