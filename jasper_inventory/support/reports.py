"""Lists for support staff: pending requests, and counts of the inventory."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from django.db.models import BigIntegerField, Choices, Count, Q, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from jasper_inventory.accounts.models import Level, Organization
from jasper_inventory.lib.replica import reads_replica_now, streams_replica_now
from jasper_inventory.lib.streams import streamed
from licenses.models import InventoryType, Order, OrderStatus, Outcome, RequestFields
from licenses.models.order_status import IN_FORCE
from renewals.models import RenewalRequest

PENDING_COLUMNS = (
    *("order_number", "request", "requested_at", "days_waiting", "organization"),
    *("requested_by", "requested_to", "inventory_type", "students"),
    *("purchase_order", "comments"),
)
ENDING = (30, 60, 90)
REPORT_COLUMNS = (
    *("organization", "level", "inventory_type", "status", "orders", "seats"),
    *("unlimited", "taken", "free"),
    *(f"ends_in_{days}" for days in ENDING),
)

_UNLIMITED = Q(outcome=Outcome.APPROVED, seats=None)


@reads_replica_now
def pending_rows(*, to: Organization | None = None) -> list[dict[str, Any]]:
    """Return the pending requests of both kinds, oldest first, or only those `to` a supplier."""
    people = ("requested_by", "requested_by_organization", "requested_to")
    orders = Order.objects.pending().select_related("assigned_to", *people)
    renewals = RenewalRequest.objects.pending().select_related("order__assigned_to", *people)
    if to is not None:
        orders, renewals = orders.filter(requested_to=to), renewals.filter(requested_to=to)
    rows = [_pending_row(order, order, "new license") for order in orders]
    rows += [_pending_row(renewal, renewal.order, "renewal") for renewal in renewals]
    return sorted(rows, key=lambda row: (row["requested_at"], row["order_number"]))


def _pending_row(asked: RequestFields, order: Order, kind: str) -> dict[str, Any]:
    assert asked.requested_at and asked.requested_to  # a request
    at = timezone.localtime(asked.requested_at)
    students = asked.requested_students
    return {
        "order_number": order.number,
        "request": kind,
        "requested_at": at.isoformat(sep=" ", timespec="minutes")[:16],
        "days_waiting": (timezone.localdate() - at.date()).days,
        "organization": order.assigned_to.name,
        "requested_by": f"{asked.requested_by} ({asked.requested_by_organization})"
        if asked.is_by_proxy
        else str(asked.requested_by),
        "requested_to": asked.requested_to.name,
        "inventory_type": str(order.get_inventory_type_display()),
        "students": "unlimited" if students is None else students,
        "purchase_order": asked.purchase_order,
        "comments": asked.requester_comments,
    }


# What `report_rows` reads of each group of orders, with its organization, status and type first.
_GROUPED = """
    SELECT holder.name, holder.level, grouped.inventory_type, grouped.status, {sums}
    FROM ({groups}) AS grouped
    JOIN accounts_organization AS holder ON holder.id = grouped.assigned_to
    ORDER BY holder.path, grouped.inventory_type, array_position(%s, grouped.status)
"""


@streams_replica_now
def report_rows(*, today: date, top: Organization | None = None) -> Iterator[dict[str, Any]]:
    """Count orders and seats by organization, type and status, in all or in `top`'s scope.

    The orders are read once, and the groups a few at a time.
    """
    orders = Order.objects.with_status(today)
    if top is not None:
        orders = orders.in_scope_of(top)
    sums = {
        "orders": Count("pk"),
        # Not `seats`, which the next lines read from the orders.
        "seat_count": _sum("seats"),
        "unlimited": Count("pk", filter=_UNLIMITED),
        "taken": _sum("seats_taken"),
        "free": _sum("seats_available"),
        **{f"ends_in_{days}": _ending(today, days) for days in ENDING},
    }
    # `status` is annotated by `with_status`.
    groups = orders.order_by().values("assigned_to", "inventory_type", "status")  # type: ignore[misc]
    inner, values = groups.annotate(**sums).query.sql_with_params()
    # PostgreSQL's own sums of bigint are decimals.
    columns = ", ".join(f"{name}::bigint" for name in sums)
    statement = _GROUPED.format(groups=inner, sums=columns)
    levels, types, statuses = (_labels(of) for of in (Level, InventoryType, OrderStatus))
    for name, level, type_, status, *numbers in streamed(statement, [*values, OrderStatus.values]):
        if status not in IN_FORCE:
            numbers[-len(ENDING) :] = [0] * len(ENDING)
        row = (name, levels[level], types[type_], statuses[status], *numbers)
        yield dict(zip(REPORT_COLUMNS, row, strict=True))


def _sum(column: str) -> Coalesce:
    return Coalesce(Sum(column), 0, output_field=BigIntegerField())


def _ending(today: date, days: int) -> Count:
    """Return the number of orders that end early, whose status is that of their group."""
    return Count("pk", filter=Q(finish_date__lte=today + timedelta(days=days)))


def _labels(of: type[Choices]) -> dict[Any, str]:
    return {choice.value: str(choice.label) for choice in of}
