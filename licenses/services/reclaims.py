"""Reclaiming unused seats and codes into the parent order."""

from django.utils.translation import gettext as _

from jasper_inventory.accounts.models import User
from jasper_inventory.accounts.tree_locks import hold_tree
from jasper_inventory.lib.audit import audited
from jasper_inventory.lib.exceptions import DomainError
from licenses import emails
from licenses.models import ActivityKind, Order, Transfer
from licenses.order_fields import differences
from licenses.order_locks import locked_approved
from licenses.permissions import can_reclaim
from licenses.services.activity import write_activity
from licenses.services.allocations import move
from licenses.services.inputs import check_reason


def reclaim_seats(*, order: Order, number: int, by: User, reason: str) -> Transfer:
    """Reclaim unused seats, or codes not yet created, into the parent order.

    Seats that are taken or allocated stay. Works for ended orders too. Notifies the license
    holder.
    """
    parent = order.parent
    if parent is None:
        raise DomainError(_("This order has no parent order to return seats to."))
    can_reclaim.require(order, by)
    reason = check_reason(reason)
    if not reason:
        raise DomainError(_("Enter the reason for reclaiming."), field="reason")
    if number < 1:
        raise DomainError(_("At least 1."), field="number")
    with audited("order.reclaimed", by=by, reason=reason):
        hold_tree()
        # Parent orders are locked before their children, as everywhere.
        parent = Order.objects.select_for_update(of=("self",)).get(pk=parent.pk)
        order = locked_approved(order)
        _require_unused(order, number)
        size = "number_of_codes" if order.is_codes else "students"
        left = getattr(order, size) - number
        Order.objects.filter(pk=order.pk).update(**{size: left})
        changes = differences(vars(order), {size: left})
        assigner = order.assigned_by_organization
        write_activity(
            ActivityKind.RECLAIMED, order, assigner, by=by, reason=reason, changes=changes
        )
        taken = move(parent, order, -number, by=by, reason=reason)
        assert taken is not None  # only a movement of 0 is none
        emails.notify_reclaimed.enqueue(taken.pk)
    return taken


def _require_unused(order: Order, number: int) -> None:
    if order.unused is None:
        raise DomainError(
            _("This license is unlimited, so it has no seats to reclaim."), field="number"
        )
    if number > order.unused:
        if order.is_codes:
            text = _("Only %(unused)s codes are neither created nor allocated.")
        else:
            text = _("Only %(unused)s seats are neither taken nor allocated.")
        raise DomainError(text % {"unused": f"{order.unused:,}"}, field="number")
