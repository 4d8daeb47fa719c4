"""A teacher code goes out by e-mail."""

from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, validate_email
from django.utils import timezone
from django.utils.translation import gettext as _

from jasper_inventory.accounts.models import User
from jasper_inventory.lib.exceptions import DomainError
from jasper_inventory.lib.history import recorded
from jasper_inventory.lib.text import addresses_in
from licenses import notifications
from licenses.models import Order
from licenses.services.decisions import check_comments
from licenses.services.enrolments import require_holder

MOST_ADDRESSES = 20


def why_not_to_send(order: Order) -> str:
    """Why its teacher code would bring nobody to the order; empty where it does, or will."""
    today = timezone.localdate()
    if not order.is_approved:
        return _("The order has no teacher code yet.")
    if order.finish_date is not None and order.finish_date < today:
        return _("The license ended on %(day)s.") % {"day": order.finish_date}
    if order.is_suspended:
        return _("The license is suspended: nobody can join it.")
    if not order.is_active:
        return _("The license is not active: activate it under Edit first.")
    # Where the code leads today: of a chain of renewals to the newest one.
    sharing = Order.objects.in_force(today).filter(teacher_code=order.teacher_code_id)
    leads_to = sharing.order_by("-pk").first() or order
    if leads_to.joining_paused_at is not None:
        return _("New enrolments are paused: allow them under Students over Time first.")
    return ""


def send_teacher_code(
    *, order: Order, addresses: str, by: User, note: str = "", form_token: UUID | None = None
) -> list[str]:
    """E-mail the order's teacher code to people who are to teach on it; return their addresses.

    Each e-mail is a notice that stays on record. A form sent twice sends it once. A code that
    opens nothing is not sent; one of a license that starts later is.
    """
    require_holder(order, by)
    note = check_comments(note, field="note")
    sent_to = _addresses_in(addresses)
    if reason := why_not_to_send(order):
        raise DomainError(reason)
    event = f"teacher code {order.pk} {form_token}" if form_token else None
    with recorded("teacher code.sent", by=by):
        for address in sent_to:
            notifications.post_teacher_code(order, address=address, note=note, by=by, event=event)
    return sent_to


def _addresses_in(text: str) -> list[str]:
    """The addresses in a text, each once; DomainError naming the one that is none."""
    addresses = addresses_in(text)
    if not addresses:
        raise DomainError(_("Enter at least one e-mail address."), field="addresses")
    if len(addresses) > MOST_ADDRESSES:
        raise DomainError(
            _("At most %(most)d addresses at a time.") % {"most": MOST_ADDRESSES},
            field="addresses",
        )
    for address in addresses:
        try:
            validate_email(address)
            MaxLengthValidator(254)(address)
        except ValidationError:
            raise DomainError(
                _("“%(address)s” is not an e-mail address.") % {"address": address[:80]},
                field="addresses",
            ) from None
    return addresses
