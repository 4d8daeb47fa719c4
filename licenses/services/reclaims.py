"""A supplier takes unused places back into the order that they were carved from."""

from typing import Any
from uuid import UUID

from django.db import IntegrityError
from django.db.models import F
from django.utils.translation import gettext as _

from jasper_inventory.accounts.models import User
from jasper_inventory.lib.audit import recorded
from jasper_inventory.lib.exceptions import DomainError, NotAllowed
from licenses import emails
from licenses.models import Order, Transfer
from licenses.order_locks import locked_approved
from licenses.services.allocations import move
from licenses.services.decisions import check_reason, sent_before


def take_back(
    *, order: Order, number: int, by: User, reason: str, form_token: UUID | None = None
) -> Transfer:
    """Take `number` unused places, or codes not yet created, back into the order's source.

    Never those that people have taken or that were given further down; also of an order that has
    ended. A form sent twice takes back once. The holder is told.
    """
    if first := _taken_before(form_token, by):
        return first
    source = order.source
    if source is None:
        raise DomainError(_("This order was not carved from another one."))
    if not by.is_cci_staff and not by.administers(source.assigned_to):
        raise NotAllowed(_("Only who assigned a license may take places back from it."))
    reason = check_reason(reason)
    if not reason:
        raise DomainError(_("Say why the places are taken back."), field="reason")
    if number < 1:
        raise DomainError(_("At least 1."), field="number")
    try:
        with recorded("order.taken back", by=by, reason=reason):
            # Sources are locked before what was carved from them, as everywhere.
            source = Order.objects.select_for_update(of=("self",)).get(pk=source.pk)
            order = locked_approved(order)
            _require_unused(order, number)
            size = "number_of_codes" if order.is_codes else "students"
            Order.objects.filter(pk=order.pk).update(**{size: F(size) - number})
            taken = move(source, order, -number, by=by, reason=reason, form_token=form_token)
            assert taken is not None  # only a movement of 0 is none
            emails.notify_taken_back.enqueue(taken.pk)
    except (IntegrityError, DomainError):
        # Sent twice at once: by now the first one's transfer stands.
        first = _taken_before(form_token, by)
        if first is None:
            raise
        return first
    return taken


def _taken_before(form_token: UUID | None, by: User) -> Any:
    return sent_before(Transfer, form_token=form_token, by=by, sender="made_by")


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
