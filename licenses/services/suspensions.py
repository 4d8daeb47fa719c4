"""Suspending and resuming an order, with every order allocated from it."""

from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from jasper_inventory.accounts.models import User
from jasper_inventory.accounts.tree_locks import lock_tree
from jasper_inventory.lib.audit import audited
from jasper_inventory.lib.exceptions import DomainError
from jasper_inventory.lib.time_limits import as_batch_work
from licenses import emails
from licenses.models import ActivityKind, Order
from licenses.order_locks import locked_approved
from licenses.permissions import can_resume, can_suspend
from licenses.services.activity import acted_for, write_activity, write_from_above
from licenses.services.inputs import check_reason


@as_batch_work
def suspend_order(*, order: Order, by: User, reason: str) -> None:
    """Suspend an order and every order allocated from it; notify the license holders."""
    reason = check_reason(reason)
    if not reason:
        raise DomainError(_("Enter the reason for suspending the license."), field="reason")
    with audited("order.suspended", by=by, reason=reason):
        _keep_out_joiners()
        order = locked_approved(order)
        can_suspend.require(order, by)
        if order.suspended_at is not None:
            raise DomainError(_("This order is already suspended."))
        order.suspended_at = timezone.now()
        order.suspended_by = by
        by_organization = acted_for(by, order.assigner, order.assigned_to)
        assert by_organization is not None  # every order has a holder
        order.suspended_by_organization = by_organization
        order.suspension_reason = reason
        _save(order)
        write_activity(ActivityKind.SUSPENDED, order, by_organization, by=by, reason=reason)
        below = _count_suspension(order, 1)
        emails.notify_suspended.enqueue(
            order.pk, below, by_organization.pk, reason, str(order.suspended_at)
        )


@as_batch_work
def resume_order(*, order: Order, by: User) -> None:
    """Lift an order's own suspension, not those above it; notify the same people as before."""
    with audited("order.resumed", by=by):
        _keep_out_joiners()
        order = locked_approved(order)
        can_resume.require(order, by)
        by_organization = order.suspended_by_organization
        if by_organization is None:
            raise DomainError(_("This order isn't suspended."))
        since = str(order.suspended_at)
        order.suspended_at = order.suspended_by = order.suspended_by_organization = None
        order.suspension_reason = ""
        _save(order)
        write_activity(ActivityKind.RESUMED, order, order.assigner, order.assigned_to, by=by)
        below = _count_suspension(order, -1)
        emails.notify_resumed.enqueue(order.pk, below, by_organization.pk, since)


def _save(order: Order) -> None:
    fields = ("suspended_at", "suspended_by", "suspended_by_organization", "suspension_reason")
    order.save(update_fields=fields)


def _keep_out_joiners() -> None:
    """Lock out people who join while an order is suspended, by locking the tree.

    Joining locks the orders of one code, oldest first, which may conflict with the order of locks
    here, from the top down. Everyone who joins holds the tree.
    """
    lock_tree()


def _count_suspension(order: Order, step: int) -> list[int]:
    """Add `step` to the suspended ancestors of every order allocated from the locked order.

    Works level by level from the top: while an order is being allocated, its parent is locked, so
    the query of its level waits for it. One statement for all levels would miss it.

    Returns the keys of the orders that stop or resume because of this step and haven't ended.
    """
    today = timezone.localdate()
    # Only orders that nothing else suspends, before the step.
    alone = 0 if step == 1 else 1
    kind = ActivityKind.SUSPENDED_ABOVE if step == 1 else ActivityKind.RESUMED_ABOVE
    level, turned = [order], []
    while level:
        children = Order.objects.filter(parent__in=level).order_by("pk")
        level = list(children.select_for_update(of=("self",)))
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
