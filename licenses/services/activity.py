"""Records the activity of orders, for license holder and supplier to read."""

from collections.abc import Collection
from typing import Any

from jasper_inventory.accounts.models import Organization, User
from jasper_inventory.lib.audit import running_act
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
    organization = acted_for(by, *likely)
    _name_act(order, organization, changes)
    Activity.objects.create(
        order=order,
        kind=kind,
        person=by,
        organization=organization,
        reason=reason,
        changes=list(changes),
    )


def _name_act(
    order: Order, organization: Organization | None, changes: Collection[dict[str, Any]]
) -> None:
    """Say in the activity log what the act that runs now is done to: the first of its orders."""
    act = running_act()
    if act is None or act.subject is not None:
        return
    act.on(order)
    act.acted_for = organization.pk if organization else None
    # Codes are secret.
    fields = [one for one in changes if one.get("field", "teacher_code") != "teacher_code"]
    before = {one["field"]: one["from"] for one in fields}
    after = {one["field"]: one["to"] for one in fields}
    for one in changes:
        if "added" in one:
            before["products removed"], after["products added"] = one["removed"], one["added"]
    act.changes(before or None, after or None)


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
