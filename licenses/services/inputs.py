"""What services check of what was sent: comments, reasons, forms sent twice."""

from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from jasper_inventory.accounts.models import User
from jasper_inventory.lib.exceptions import DomainError
from licenses.models import COMMENTS_LENGTH
from licenses.models.requests import REASON_LENGTH


def check_comments(comments: str, *, field: str) -> str:
    """The comments, trimmed; raise DomainError where they are too long."""
    comments = comments.strip()
    if len(comments) > COMMENTS_LENGTH:
        raise DomainError(
            _("At most %(most)d characters; there are %(length)d.")
            % {"most": COMMENTS_LENGTH, "length": len(comments)},
            field=field,
        )
    return comments


def check_reason(reason: str) -> str:
    """The reason of a change, trimmed; raise DomainError where it is too long."""
    reason = " ".join(reason.split())
    if len(reason) > REASON_LENGTH:
        raise DomainError(
            _("At most %(most)d characters.") % {"most": REASON_LENGTH}, field="reason"
        )
    return reason


def sent_before(
    model: Any, *, form_token: UUID | None, by: User, sender: str = "requested_by"
) -> Any:
    """The row that the same form made already, or None. DomainError where another one sent it."""
    first = form_token and model.objects.filter(form_token=form_token).first()
    if not first:
        return None
    if getattr(first, sender) != by:
        raise DomainError(_("Someone else sent this form already: open it again."))
    return first
