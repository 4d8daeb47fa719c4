"""A teacher code goes out by e-mail."""

import re
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, validate_email
from django.utils import timezone
from django.utils.translation import gettext as _

from jasper_inventory.accounts.models import User
from jasper_inventory.lib.exceptions import DomainError
from jasper_inventory.lib.history import recorded
from licenses import notifications
from licenses.models import Order
from licenses.services.decisions import check_comments
from licenses.services.enrolments import require_holder

MOST_ADDRESSES = 20


def send_teacher_code(
    *, order: Order, addresses: str, by: User, note: str = "", form_token: UUID | None = None
) -> list[str]:
    """E-mail the order's teacher code to people who are to teach on it; return their addresses.

    Each e-mail is a notice that stays on record. A form sent twice sends it once.
    """
    require_holder(order, by)
    note = check_comments(note, field="note")
    sent_to = _addresses_in(addresses)
    if not order.is_approved:
        raise DomainError(_("The order has no teacher code yet."))
    if order.finish_date is not None and order.finish_date < timezone.localdate():
        raise DomainError(_("The license ended on %(day)s.") % {"day": order.finish_date})
    event = f"teacher code {order.pk} {form_token}" if form_token else None
    with recorded("teacher code.sent", by=by):
        for address in sent_to:
            notifications.post_teacher_code(order, address=address, note=note, by=by, event=event)
    return sent_to


def _addresses_in(text: str) -> list[str]:
    """The addresses in a text, each once; DomainError naming the one that is none."""
    addresses = list(dict.fromkeys(filter(None, re.split(r"[\s,;]+", text.lower()))))
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
