"""Lists for support staff: pending requests, and counts of the inventory."""

from datetime import date, timedelta
from typing import Any

from django.db.models import BigIntegerField, Count, F, Q, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from jasper_inventory.accounts.models import Level, Organization
from jasper_inventory.lib.replica import reads_replica_now
from licenses.models import InventoryType, Order, OrderStatus, Outcome, RequestFields
from licenses.models.order_status import IN_FORCE
from renewals.models import RenewalRequest

PENDING_COLUMNS = (
    *("order_number", "request", "requested_at", "days_waiting", "organization"),
    *("requested_by", "requested_to", "inventory_type", "students"),
    *("purchase_order", "comments"),
)
REPORT_COLUMNS = (
    *("organization", "level", "inventory_type", "status", "orders", "seats"),
    *("unlimited", "taken", "free", "ends_in_30", "ends_in_60", "ends_in_90"),
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


@reads_replica_now
def report_rows(*, today: date, top: Organization | None = None) -> list[dict[str, Any]]:
    """Count orders and seats by organization, type and status, in all or in `top`'s scope."""
    orders = Order.objects.with_status(today)
    if top is not None:
        orders = orders.in_scope_of(top)
    counted = (
        orders.order_by()
        # `status` is annotated by `with_status`.
        .values("inventory_type", "status", path=F("assigned_to__path"))  # type: ignore[misc]
        .annotate(
            organization=F("assigned_to__name"),
            level=F("assigned_to__level"),
            orders=Count("pk"),
            # Not `seats`, which the next lines read from the orders.
            seat_count=Coalesce(Sum("seats"), 0, output_field=BigIntegerField()),
            unlimited=Count("pk", filter=_UNLIMITED),
            taken=Coalesce(Sum("seats_taken"), 0, output_field=BigIntegerField()),
            free=Coalesce(Sum("seats_available"), 0, output_field=BigIntegerField()),
            **_ends(today),
        )
    )
    rank = {status: at for at, status in enumerate(OrderStatus.values)}
    ranked = sorted(
        counted, key=lambda row: (row["path"], row["inventory_type"], rank[row["status"]])
    )
    return [row | {"seats": row["seat_count"]} | _labels(row) for row in ranked]


def _ends(today: date) -> dict[str, Count]:
    return {
        f"ends_in_{days}": Count(
            "pk", filter=Q(status__in=IN_FORCE, finish_date__lte=today + timedelta(days=days))
        )
        for days in (30, 60, 90)
    }


def _labels(row: dict[str, Any]) -> dict[str, str]:
    return {
        "level": str(Level(row["level"]).label),
        "inventory_type": str(InventoryType(row["inventory_type"]).label),
        "status": str(OrderStatus(row["status"]).label),
    }
