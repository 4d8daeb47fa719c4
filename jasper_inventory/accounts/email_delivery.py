"""Delivery of notices, one task each. No transaction is open while the mail server is asked."""

import smtplib
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import Error as DatabaseFault
from django.db import connection, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.html import escape
from django_tasks import TaskResultStatus, task

from jasper_inventory.accounts.models import Notice, RefusedAddress, User
from jasper_inventory.jobs.models import AS_NEW, Job
from jasper_inventory.lib.references import NAME, PARTS, resolved
from jasper_inventory.lib.tasks import DISCARDED, SIGN_IN, when
from jasper_inventory.lib.text import deliverable

# Texts with a link that gives access (password reset, invitation) are deleted after sending, and
# sent before all others.
SECRET_KINDS = ("account", "invitation")
# Longer than sending takes, unless the mail server is very slow. If it takes longer and another
# worker sends the email, too, both have the same Message-ID.
CLAIMED = timedelta(seconds=6 * settings.EMAIL_TIMEOUT)
# Seconds between attempts to record what was sent, so that it isn't sent again.
_RECORD_SECONDS = (0.2, 1, 2, 4, 8, 15)


class NotDelivered(Exception):
    """The mail server didn't take an email now. The notice has its answer, which may name people.

    The queue retries the task.
    """


@dataclass
class Worded:
    """The texts of a notice with the current names of people."""

    subject: str
    text: str
    html: str


def worded(notices: Iterable[Notice]) -> list[Worded]:
    """Fill in the names of the people in notices, with one query."""
    notices = list(notices)
    named = User.objects.in_bulk({pk for notice in notices for pk in notice.people})
    return [_with_names(notice, named) for notice in notices]


def _with_names(notice: Notice, named: dict[int, User]) -> Worded:
    def part_of(pk: int, part: str) -> str | None:
        person = named.get(pk) if pk in notice.people else None
        if person is None or part not in (NAME, *PARTS):
            return None
        return str(person) if part == NAME else getattr(person, part)

    def escaped(pk: int, part: str) -> str | None:
        found = part_of(pk, part)
        return None if found is None else escape(found)

    return Worded(
        resolved(notice.subject, part_of),
        resolved(notice.text, part_of),
        resolved(notice.html, escaped),
    )


def queue_delivery(notice: Notice) -> None:
    """Queue the delivery of a notice; those that someone needs to sign in are sent first."""
    priority = SIGN_IN if notice.kind in SECRET_KINDS else deliver_notice.priority
    deliver_notice.using(priority=priority).enqueue(notice.pk)


@task()
def deliver_notice(notice_pk: int) -> None:
    """Send a notice, and record it. Raise NotDelivered to be retried. Safe to run twice."""
    if Notice.objects.expired().filter(pk=notice_pk).update(**_given_up("Its link has expired.")):
        return
    notice = _claimed(notice_pk)
    if notice is None:
        return
    try:
        message_of(notice).send()
    except Exception as error:  # no kind of failure may lose the notice
        if answer := _refusal(error):
            _record(lambda: _refused(notice, answer))
            return
        problem = f"{type(error).__name__}: {error}"[:1000]
        _record(lambda: _failed(notice, problem))
        raise NotDelivered(type(error).__name__) from None
    _record(lambda: _sent(notice))


@when(DISCARDED, deliver_notice)
def give_up_notice(notice_pk: int) -> None:
    """Give up the notice of a delivery that someone discarded."""
    Notice.objects.unsent().filter(pk=notice_pk).update(**_given_up("CCI staff discarded it."))


def _claimed(notice_pk: int) -> Notice | None:
    """Claim an unsent notice for a while; return None if there is nothing to send.

    Raise NotDelivered if another worker has it, because that may have been killed.
    """
    now = timezone.now()
    unsent = Notice.objects.unsent().filter(pk=notice_pk)
    free = unsent.filter(Q(claimed_until=None) | Q(claimed_until__lt=now))
    if free.update(claimed_until=now + CLAIMED):
        return Notice.objects.filter(pk=notice_pk).first()
    if unsent.exists():
        raise NotDelivered("another worker is sending it")
    return None


def message_of(notice: Notice) -> EmailMultiAlternatives:
    """Return the email of a notice, with the same Message-ID each time.

    If it is delivered twice, because the connection ended before the mail server's answer, mail
    programs show it once.
    """
    (texts,) = worded([notice])
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    name = f"notice.{notice.pk}.{notice.created_at:%Y%m%d%H%M%S%f}"
    message = EmailMultiAlternatives(
        texts.subject,
        texts.text,
        to=[deliverable(notice.address)],
        headers={"Message-ID": f"<{name}@{deliverable(domain)}>"},
    )
    if texts.html:
        message.attach_alternative(texts.html, "text/html")
    return message


def _refusal(error: Exception) -> str:
    """Return the answer of a mail server that will never take the email, or an empty text.

    Other permanent errors, such as a wrong password of ours, aren't about the recipient.
    """
    code: int
    answer: bytes | str
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, answer = next(iter(error.recipients.values()))
    elif isinstance(error, smtplib.SMTPDataError):
        code, answer = error.smtp_code, error.smtp_error
    else:
        return ""
    text = answer.decode(errors="replace") if isinstance(answer, bytes) else str(answer)
    return f"{code} {' '.join(text.split())}"[:250] if 500 <= code < 600 else ""


def _record(write: Callable[[], None]) -> None:
    """Record what became of an email; if the database is away for a moment, wait for it."""
    for seconds in _RECORD_SECONDS:
        try:
            return write()
        except DatabaseFault:
            if connection.in_atomic_block:
                raise
            connection.close()
            time.sleep(seconds)
    return write()


def _sent(notice: Notice) -> None:
    wiped = {"text": "", "html": ""} if notice.kind in SECRET_KINDS else {}
    with transaction.atomic():
        Notice.objects.unsent().filter(pk=notice.pk).update(
            sent_at=timezone.now(),
            attempts=F("attempts") + 1,
            last_error="",
            claimed_until=None,
            **wiped,
        )
        RefusedAddress.objects.filter(address=notice.address).delete()


def _failed(notice: Notice, problem: str) -> None:
    Notice.objects.unsent().filter(pk=notice.pk).update(
        attempts=F("attempts") + 1,
        last_error=problem,
        claimed_until=None,
    )


def _refused(notice: Notice, answer: str) -> None:
    kept: dict[str, Any] = {"attempts": F("attempts") + 1}
    if notice.kind not in SECRET_KINDS:
        kept |= {"text": notice.text, "html": notice.html}
    with transaction.atomic():
        # Not for someone who was erased while the email was being sent.
        if Notice.objects.unsent().filter(pk=notice.pk).update(**(_given_up(answer) | kept)):
            RefusedAddress.objects.update_or_create(
                address=notice.address, defaults={"answer": answer, "refused_at": timezone.now()}
            )


def _given_up(reason: str) -> dict[str, Any]:
    """Return the values of a notice that won't be sent; links that give access are deleted."""
    return {
        "given_up_at": timezone.now(),
        "last_error": reason,
        "claimed_until": None,
        "text": "",
        "html": "",
    }


def drop_old_texts() -> int:
    """Delete texts of notices that were sent long ago, and expired links; return how many."""
    Notice.objects.expired().update(**_given_up("Its link has expired."))
    limit = timezone.now() - timedelta(days=settings.NOTICE_BODY_DAYS)
    old = Notice.objects.filter(Q(sent_at__lt=limit) | Q(given_up_at__lt=limit))
    return old.exclude(text="", html="").update(text="", html="")


def resend(*, minutes: int, with_failed: bool = False) -> tuple[int, int]:
    """Queue what should have been done `minutes` ago again; return (notices, failed tasks).

    Failed tasks other than emails are included only `with_failed`, because most would fail again.
    All tasks can run twice. A notice is skipped if an attempt is already queued.
    """
    limit = timezone.now() - timedelta(minutes=minutes)
    failed = Job.objects.failed().filter(finished_at__lt=limit)
    emails = Q(task_path=deliver_notice.module_path)
    with transaction.atomic():
        again = failed.filter(emails).update(**AS_NEW)
        others = failed.exclude(emails).update(**AS_NEW) if with_failed else 0
        waiting = Job.objects.filter(
            emails, status__in=[TaskResultStatus.READY, TaskResultStatus.RUNNING]
        ).values_list("args_kwargs__args__0", flat=True)
        unsent = Notice.objects.unsent().filter(created_at__lt=limit)
        late = unsent.exclude(pk__in=list(waiting)).order_by("pk").only("kind")
        for notice in late:
            queue_delivery(notice)
        return again + len(late), others
