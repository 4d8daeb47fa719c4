"""A teacher code goes out by email."""

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, validate_email
from django.utils import timezone
from django.utils.translation import gettext as _

from jasper_inventory.accounts.models import Notice, Tally, User
from jasper_inventory.accounts.tallies import count
from jasper_inventory.lib.audit import recorded
from jasper_inventory.lib.exceptions import DomainError
from jasper_inventory.lib.plain_text import check_plain
from jasper_inventory.lib.text import addresses_in
from jasper_inventory.lib.waits import try_again_in
from licenses import emails
from licenses.models import Order
from licenses.services.enrollments import require_holder

MOST_ADDRESSES = 20
# A greeting; it goes to people who may not know the sender.
NOTE_LENGTH = 300


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
        return _("New enrollments are paused: allow them under Students over Time first.")
    return ""


def send_teacher_code(
    *, order: Order, addresses: str, by: User, note: str = "", form_token: UUID | None = None
) -> list[str]:
    """Email the order's teacher code to people who are to teach on it; return their addresses.

    Each email is a notice that stays on record. A form sent twice sends it once. A code that
    opens nothing is not sent; one of a license that starts later is.
    """
    require_holder(order, by)
    note = check_plain(note, field="note", most=NOTE_LENGTH)
    sent_to = _addresses_in(addresses)
    if reason := why_not_to_send(order):
        raise DomainError(reason)
    event = f"teacher code {order.pk} {form_token}" if form_token else None
    with recorded("teacher code.sent", by=by):
        if new := _new_addresses(sent_to, event):
            _count(order, len(new), by)
        for address in sent_to:
            emails.post_teacher_code(order, address=address, note=note, by=by, event=event)
    return sent_to


def _new_addresses(addresses: list[str], event: str | None) -> set[str]:
    """Those that the same form hasn't sent the code to yet."""
    if event is None:
        return set(addresses)
    sent = Notice.objects.filter(event=event, address__in=addresses)
    return set(addresses) - set(sent.values_list("address", flat=True))


def _count(order: Order, number: int, by: User) -> None:
    """So many emails more in 24 hours; raise DomainError where there would be too many.

    Written by one statement that locks the counters until the caller's transaction ends, so the
    numbers are exact. What is refused isn't counted: the transaction is undone.
    """
    limits = {
        f"teacher code emails of organization {order.assigned_to_id}": (
            settings.TEACHER_CODE_EMAILS_PER_ORGANIZATION
        ),
        f"teacher code emails of person {by.pk}": settings.TEACHER_CODE_EMAILS_PER_PERSON,
    }
    count(dict.fromkeys(limits, timedelta(days=1)), number)
    # Whether forgotten by now or not.
    found = Tally.objects.in_bulk(limits)
    for key, most in limits.items():
        left = most - (found[key].number - number)
        if left < number:
            text = _(
                "At most %(most)d teacher code emails can be sent in 24 hours. %(left)d more can "
                "be sent now. Nothing was sent."
            ) % {"most": most, "left": max(left, 0)}
            wait = try_again_in(found[key].forget_at - timezone.now())
            raise DomainError(f"{text} {wait}", field="addresses")


def _addresses_in(text: str) -> list[str]:
    """The addresses in a text, each once; DomainError naming the one that is none."""
    addresses = addresses_in(text)
    if not addresses:
        raise DomainError(_("Enter at least one email address."), field="addresses")
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
                _("“%(address)s” is not an email address.") % {"address": address[:80]},
                field="addresses",
            ) from None
    return addresses
