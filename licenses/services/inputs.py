"""Checks of entered comments and reasons, for services."""

from django.utils.translation import gettext as _

from jasper_inventory.lib.exceptions import DomainError
from licenses.models import COMMENTS_LENGTH
from licenses.models.requests import REASON_LENGTH


def check_comments(comments: str, *, field: str) -> str:
    """Return the trimmed comments; raise DomainError if they are too long."""
    comments = comments.strip()
    if len(comments) > COMMENTS_LENGTH:
        raise DomainError(
            _("Use at most %(most)s characters. You used %(length)s.")
            % {"most": f"{COMMENTS_LENGTH:,}", "length": f"{len(comments):,}"},
            field=field,
        )
    return comments


def check_reason(reason: str) -> str:
    """Return the trimmed reason of a change; raise DomainError if it is too long."""
    reason = " ".join(reason.split())
    if len(reason) > REASON_LENGTH:
        raise DomainError(
            _("Use at most %(most)d characters.") % {"most": REASON_LENGTH}, field="reason"
        )
    return reason
