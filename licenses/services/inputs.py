"""What services check of what was sent: comments and reasons."""

from django.utils.translation import gettext as _

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
