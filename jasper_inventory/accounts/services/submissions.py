"""A form that is sent twice is carried out once."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID, uuid4

from django.contrib.messages.storage.base import Message
from django.db import transaction
from django.utils import timezone

from jasper_inventory.accounts.models import Submission, User

# Longer than anyone keeps a page open that was sent already.
KEPT = timedelta(days=7)


class SentBefore(Exception):
    """The form was carried out before; `first` says for whom, and what came of it."""

    def __init__(self, first: Submission) -> None:
        super().__init__()
        self.first = first


@contextmanager
def carried_out_once(token: UUID | None, *, by: User | None = None) -> Iterator[Submission]:
    """Carry out a form in one transaction; raise SentBefore if it was carried out already.

    Of two at the same moment, the second waits here until the first one's transaction ends. If
    that one is undone, the second is carried out. A form without a token is always carried out.
    """
    with transaction.atomic():
        submission, is_first = Submission.objects.get_or_create(
            token=token or uuid4(), defaults={"user": by}
        )
        if not is_first:
            raise SentBefore(submission)
        yield submission


def keep_result(submission: Submission, *, result_url: str, messages: Sequence[Message]) -> None:
    """Store where the form led, and what the sender was told there."""
    submission.result_url, submission.messages = result_url, list(messages)
    submission.save(update_fields=["result_url", "messages"])


def keep_account(submission: Submission, user: User) -> None:
    """Store the account that the form created."""
    submission.user = user
    submission.save(update_fields=["user"])


def release(submission: Submission) -> None:
    """Forget a form that was refused, so that it can be corrected and sent again."""
    submission.delete()


def account_of_form(token: UUID | None, *, password: str) -> User | None:
    """Return the account that a form created earlier, or None.

    None also if the password is another: the sender may be somebody else then.
    """
    if token is None:
        return None
    sent = Submission.objects.filter(token=token).values("user")
    user = User.objects.filter(pk__in=sent, is_active=True).first()
    return user if user and user.check_password(password) else None


def drop_old_submissions() -> None:
    """Delete submissions that nobody sends again."""
    Submission.objects.filter(made_at__lt=timezone.now() - KEPT).delete()
