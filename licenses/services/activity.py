"""Records the activity of orders, for license holder and supplier to read."""

from collections.abc import Collection
from typing import Any

from jasper_inventory.accounts.models import Organization, User
from licenses.models import Activity, ActivityKind, Order


def write_activity(
    kind: ActivityKind,
    order: Order,
    *likely: Organization | None,
    by: User,
    reason: str = "",
    changes: Collection[dict[str, Any]] = (),
) -> None:
    """Record one act on an order, in the caller's transaction.

    `likely` are the organizations that `by` may act for, the most likely first. For `changes`,
    see `order_fields.differences`.
    """
    Activity.objects.create(
        order=order,
        kind=kind,
        person=by,
        organization=acted_for(by, *likely),
        reason=reason,
        changes=list(changes),
    )


def write_from_above(kind: ActivityKind, orders: Collection[Order]) -> None:
    """Record what an act on a parent order did to these orders, without the person."""
    Activity.objects.bulk_create(
        Activity(order=order, kind=kind, organization_id=order.assigned_by_organization_id)
        for order in orders
    )


def acted_for(by: User, *likely: Organization | None) -> Organization | None:
    """Return CCI for its staff, or the first likely organization that the person administers."""
    if by.is_staff:
        return Organization.objects.vendor()
    organizations = [organization for organization in likely if organization is not None]
    administered = (each for each in organizations if by.administers(each))
    return next(administered, organizations[0] if organizations else None)
