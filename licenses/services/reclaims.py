"""A supplier takes unused places back into the order that they were carved from."""

from django.utils.translation import gettext as _

from jasper_inventory.accounts.models import User
from jasper_inventory.lib.audit import audited
from jasper_inventory.lib.exceptions import DomainError
from licenses import emails
from licenses.labels import differences
from licenses.models import ActivityKind, Order, Transfer
from licenses.order_locks import locked_approved
from licenses.permissions import can_reclaim
from licenses.services.activity import write_activity
from licenses.services.allocations import move
from licenses.services.inputs import check_reason


def reclaim_seats(*, order: Order, number: int, by: User, reason: str) -> Transfer:
    """Take `number` unused places, or codes not yet created, back into the order's source.

    Never those that people have taken or that were given further down; also of an order that has
    ended. The holder is told.
    """
    parent = order.parent
    if parent is None:
        raise DomainError(_("This order was not carved from another one."))
    can_reclaim.require(order, by)
    reason = check_reason(reason)
    if not reason:
        raise DomainError(_("Say why the places are taken back."), field="reason")
    if number < 1:
        raise DomainError(_("At least 1."), field="number")
    with audited("order.reclaimed", by=by, reason=reason):
        # Sources are locked before what was carved from them, as everywhere.
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
            _("This license is unlimited: it counts nothing in its source."), field="number"
        )
    if number > order.unused:
        if order.is_codes:
            text = _("Only %(unused)d codes are neither created nor given on.")
        else:
            text = _("Only %(unused)d places are neither taken nor given on.")
        raise DomainError(text % {"unused": order.unused}, field="number")
