"""Suspending an order, with all that was carved from it, and resuming it."""

from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from jasper_inventory.accounts.models import Organization, User
from jasper_inventory.accounts.tree_locks import lock_tree
from jasper_inventory.lib.audit import audited
from jasper_inventory.lib.exceptions import DomainError
from licenses import emails
from licenses.models import ActivityKind, Order
from licenses.order_locks import locked_approved
from licenses.permissions import can_resume, can_suspend
from licenses.services.activity import write_activity, write_from_above
from licenses.services.inputs import check_reason


def suspend_order(*, order: Order, by: User, reason: str) -> None:
    """Stop an order and all that was carved from it, until it is resumed; tell their holders."""
    reason = check_reason(reason)
    if not reason:
        raise DomainError(_("Say why the license is suspended."), field="reason")
    with audited("order.suspended", by=by, reason=reason):
        _keep_out_joiners()
        order = locked_approved(order)
        can_suspend.require(order, by)
        if order.suspended_at is not None:
            raise DomainError(_("This order is suspended already."))
        order.suspended_at = timezone.now()
        order.suspended_by = by
        by_organization = Organization.objects.vendor() if by.is_cci_staff else order.assigner
        order.suspended_by_organization = by_organization
        order.suspension_reason = reason
        _save(order)
        write_activity(ActivityKind.SUSPENDED, order, order.assigner, by=by, reason=reason)
        below = _count_suspension(order, 1)
        emails.notify_suspended.enqueue(
            order.pk, below, by_organization.pk, reason, str(order.suspended_at)
        )


def resume_order(*, order: Order, by: User) -> None:
    """Lift an order's own suspension, and tell who was told of it; those of its sources stay."""
    with audited("order.resumed", by=by):
        _keep_out_joiners()
        order = locked_approved(order)
        can_suspend.require(order, by)
        by_organization = order.suspended_by_organization
        if by_organization is None:
            raise DomainError(_("This order isn't suspended."))
        can_resume.require(order, by)
        since = str(order.suspended_at)
        order.suspended_at = order.suspended_by = order.suspended_by_organization = None
        order.suspension_reason = ""
        _save(order)
        write_activity(ActivityKind.RESUMED, order, order.assigner, by=by)
        below = _count_suspension(order, -1)
        emails.notify_resumed.enqueue(order.pk, below, by_organization.pk, since)


def _save(order: Order) -> None:
    fields = ("suspended_at", "suspended_by", "suspended_by_organization", "suspension_reason")
    order.save(update_fields=fields)


def _keep_out_joiners() -> None:
    """Whoever joins comes before or after: they lock the orders of one code, the oldest first.

    That may be from below where this goes from the top. All of them hold the tree.
    """
    lock_tree()


def _count_suspension(order: Order, step: int) -> list[int]:
    """Count one suspended ancestor more, or less, on everything carved from the locked order.

    Level by level from the top: an order that is being carved has its source locked, so that the
    query of its level waits for it. One statement for all levels would miss it.

    Returns the keys of what stops, or goes on, by just this and hasn't ended.
    """
    today = timezone.localdate()
    # Of those suspended by nothing else, before the step.
    alone = 0 if step == 1 else 1
    kind = ActivityKind.SUSPENDED_ABOVE if step == 1 else ActivityKind.RESUMED_ABOVE
    level, turned = [order], []
    while level:
        allocated_child = Order.objects.filter(parent__in=level).order_by("pk")
        level = list(allocated_child.select_for_update(of=("self",)))
        turned += [
            child.pk
            for child in level
            if child.suspended_at is None
            and child.suspended_ancestors == alone
            and child.finish_date is not None
            and child.finish_date >= today
        ]
        Order.objects.filter(pk__in=[child.pk for child in level]).update(
            suspended_ancestors=F("suspended_ancestors") + step
        )
        write_from_above(kind, level)
    return turned
