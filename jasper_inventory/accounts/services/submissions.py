"""Services that carry out a form only once, even if it is sent twice."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID

from django.contrib.messages.storage.base import Message
from django.db import transaction
from django.utils import timezone

from jasper_inventory.accounts.models import Submission, User

# Longer than anyone keeps a sent form open.
KEPT = timedelta(days=7)


class SentBefore(Exception):
    """The form was already carried out; `first` has its user and result."""

    def __init__(self, first: Submission) -> None:
        super().__init__()
        self.first = first


def require_first(token: UUID | None) -> None:
    """Raise SentBefore if the form was carried out already; writes nothing."""
    sent = token and Submission.objects.filter(token=token).first()
    if sent:
        raise SentBefore(sent)


@contextmanager
def carried_out_once(token: UUID | None, *, by: User | None = None) -> Iterator[Submission]:
    """Carry out a form in one transaction; raise SentBefore if it already was.

    If two are sent at the same moment, the second waits here for the first one's transaction, and
    is carried out if that one is rolled back. A form without a token is always carried out, and
    nothing is stored about it.
    """
    with transaction.atomic():
        if token is None:
            yield Submission()
            return
        submission, is_first = Submission.objects.get_or_create(token=token, defaults={"user": by})
        if not is_first:
            raise SentBefore(submission)
        yield submission


def keep_result(submission: Submission, *, result_url: str, messages: Sequence[Message]) -> None:
    """Store the address that the form redirected to, and its messages."""
    stored = Submission.objects.filter(pk=submission.pk)
    stored.update(result_url=result_url, messages=list(messages))


def keep_account(submission: Submission, user: User) -> None:
    """Store the account that the form created."""
    Submission.objects.filter(pk=submission.pk).update(user=user)


def release(submission: Submission) -> None:
    """Forget a form that was refused, so that it can be corrected and sent again."""
    Submission.objects.filter(pk=submission.pk).delete()


def account_of_form(token: UUID | None, *, password: str) -> User | None:
    """Return the account that a form created earlier, or None.

    Also return None if the password differs, because the sender may be someone else.
    """
    if token is None:
        return None
    sent = Submission.objects.filter(token=token).values("user")
    user = User.objects.filter(pk__in=sent, is_active=True).first()
    return user if user and user.check_password(password) else None


def drop_old_submissions() -> None:
    """Delete old submissions, which no one sends again."""
    Submission.objects.filter(made_at__lt=timezone.now() - KEPT).delete()
