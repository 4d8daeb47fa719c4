"""Notices: emails that are stored first and then delivered by the background queue.

Their texts refer to people instead of naming them; the names are filled in at delivery.
"""

import copy
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeAlias, TypedDict

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import connection, transaction
from django.db.models import F, Q
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import escape
from django_tasks import TaskResultStatus, task
from django_tasks_db.models import DBTaskResult

from jasper_inventory.accounts.email_verification import VALID_FOR, token_for
from jasper_inventory.accounts.models import (
    STAFF_GROUP,
    ErasureRequest,
    Invitation,
    MutedTopic,
    Notice,
    Organization,
    Role,
    Topic,
    User,
)
from jasper_inventory.accounts.models.users import UserQuerySet
from jasper_inventory.lib.email_text import subject_and_text
from jasper_inventory.lib.references import NAME, people_in, reference, resolved, written
from jasper_inventory.lib.text import deliverable

# Minutes until each retry of a failed delivery. After the last one, use `resend_notices`.
RETRY_MINUTES = (1, 5, 15, 60, 180, 720, 1440)
# Texts with a link that gives access (password reset, invitation) are deleted after sending.
SECRET_KINDS = ("account", "invitation")

# The variables of an email's template.
Context: TypeAlias = Mapping[str, object]


class Rendered(TypedDict):
    """The texts of a notice, and the keys of the people that they refer to."""

    subject: str
    text: str
    html: str
    people: set[int]


def post_notice(
    *,
    kind: str,
    address: str,
    subject: str,
    text: str,
    html: str = "",
    people: Iterable[int] = (),
    recipient: User | None = None,
    event: str | None = None,
) -> None:
    """Store a notice and queue its delivery, unless its event already has one.

    Both are part of the caller's transaction: no commit, no email. A person who was erased in the
    meantime gets no email.
    """
    with transaction.atomic():
        if recipient is not None and not _hold_people([recipient.pk]):
            return
        notices = Notice.objects.bulk_create(
            [
                Notice(
                    kind=kind,
                    recipient=recipient,
                    address=address,
                    subject=" ".join(str(subject).split())[:250],
                    text=text,
                    html=html,
                    people=sorted(people),
                    event=event,
                )
            ],
            ignore_conflicts=event is not None,
        )
        if event is None:
            deliver_notice.enqueue(notices[0].pk)
            return
        notice = Notice.objects.get(event=event, address=address)
        if notice.sent_at is None and notice.attempts == 0:
            deliver_notice.enqueue(notice.pk)


def post_to(
    users: Iterable[User],
    *,
    kind: str,
    event: str | None,
    template: str,
    context: Context,
    topic: Topic | None = None,
) -> None:
    """Send a notice based on a template to each of the users with an email address.

    Users who turned off the topic are left out. A notice without a topic goes to all.
    """
    users = list(users)
    silent = set(
        MutedTopic.objects.filter(topic=topic, user__in=users).values_list("user", flat=True)
    )
    for user in users:
        if user.email and user.pk not in silent:
            _post(user.email, user, kind=kind, event=event, template=template, context=context)


def post_to_address(
    address: str, *, kind: str, event: str | None, template: str, context: Context
) -> None:
    """Send a notice to an address that may not belong to an account yet."""
    user = User.objects.filter(email=address, is_active=True).first()
    _post(address, user, kind=kind, event=event, template=template, context=context)


def _post(
    address: str,
    user: User | None,
    *,
    kind: str,
    event: str | None,
    template: str,
    context: Context,
) -> None:
    post_notice(
        kind=kind,
        address=address,
        recipient=user,
        event=event,
        **_rendered(template, {**context, "recipient": user or address}),
    )


def _rendered(template: str, context: Context) -> Rendered:
    """Return the subject and both texts of an email, with references instead of names."""
    context = {**context, "site_url": settings.SITE_URL, "support_name": settings.SUPPORT_NAME}
    context |= {"support_url": settings.SUPPORT_URL, "support_phone": settings.SUPPORT_PHONE}
    with written() as meant:
        context = {name: _referring(value) for name, value in context.items()}
        html = render_to_string(template, context)
    subject, text = subject_and_text(html)
    # Typed text may look like a reference; leave it as it is.
    people = people_in(subject, text, html) & meant
    return Rendered(subject=subject, text=text, html=html, people=people)


_PARTS = ("username", "first_name", "last_name", "email")


def _referring(value: object) -> object:
    """Return a user of a template's context with references instead of names and address."""
    if not isinstance(value, User):
        return value
    person = copy.copy(value)
    for part in _PARTS:
        if getattr(value, part):
            setattr(person, part, reference(value.pk, part))
    return person


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
        if person is None or part not in (NAME, *_PARTS):
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


def _hold_people(pks: Iterable[int]) -> set[int]:
    """Lock the users that aren't erased until the transaction ends, and return their keys.

    The lock is the one that a reference to the row takes. It conflicts with erasing.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id FROM {User._meta.db_table}"
            " WHERE id = ANY(%s) AND erased_at IS NULL ORDER BY id FOR KEY SHARE",
            [list(pks)],
        )
        return {pk for (pk,) in cursor.fetchall()}


def drop_old_texts() -> int:
    """Delete the texts of notices that were sent long ago; return the number of notices."""
    limit = timezone.now() - timedelta(days=settings.NOTICE_BODY_DAYS)
    old = Notice.objects.filter(sent_at__lt=limit).exclude(text="", html="")
    return old.update(text="", html="")


def post_invitation(invitation: Invitation, token: str) -> None:
    """Send an invitation in the caller's transaction; the token is stored only in its email."""
    post_notice(
        kind="invitation",
        address=invitation.email,
        **_rendered(
            "emails/accounts/invitation.html",
            {"invitation": invitation, "token": token, "recipient": invitation.email},
        ),
    )


@task()
def notify_erasure_asked(request_pk: int) -> None:
    """Notify CCI staff that a person asked to have their account erased."""
    asked = ErasureRequest.objects.select_related("user").get(pk=request_pk)
    post_to(
        administrators_of(Organization.objects.vendor()),
        kind="erasure asked",
        event=f"erasure request {asked.pk}",
        template="emails/accounts/erasure_requested.html",
        context={"asked": asked},
    )


@task()
def notify_of_sign_in_change(user_pk: int, change: str, reason: str = "") -> None:
    """Notify a person of a change to how they sign in, such as "totp_activated"."""
    user = User.objects.get(pk=user_pk)
    post_to(
        [user],
        kind="sign-in changed",
        event=None,
        template="emails/accounts/sign_in_changed.html",
        context={"person": user, "change": change, "reason": reason, "at": timezone.now()},
    )


def administrators_of(organization: Organization | None) -> UserQuerySet:
    """Return the users who are notified for an organization: its administrators, or CCI staff.

    Nobody is notified if there is no organization.
    """
    if organization is None:
        return User.objects.none()
    people = User.objects.filter(is_active=True)
    if organization.is_vendor:
        return people.filter(is_staff=True, groups__name=STAFF_GROUP).order_by("pk").distinct()
    return people.filter(
        memberships__organization=organization, memberships__role=Role.ADMINISTRATOR
    ).order_by("pk")


@task()
def notify_new_address(user_pk: int, email: str) -> None:
    """Ask a new user to confirm their address, or notify the account that already has it."""
    account = User.objects.get(pk=user_pk)
    owner = User.objects.filter(email=email).first()
    context: dict[str, object] = {"account": account}
    if owner is None:
        token = token_for(account, email)
        context |= {"token": token, "days": VALID_FOR.days}
    _post(
        email,
        owner or account,
        kind="account",
        event=None,
        template=f"emails/accounts/address_{'confirm' if owner is None else 'taken'}.html",
        context=context,
    )


@task()
def deliver_notice(notice_pk: int) -> None:
    """Send a notice; record a failure and retry later. Safe to run twice."""
    with transaction.atomic():
        notice = (
            Notice.objects.unsent()
            .select_for_update(of=("self",), skip_locked=True)
            .filter(pk=notice_pk)
            .first()
        )
        if notice is None:
            return
        (texts,) = worded([notice])
        message = EmailMultiAlternatives(
            texts.subject, texts.text, to=[deliverable(notice.address)]
        )
        if texts.html:
            message.attach_alternative(texts.html, "text/html")
        try:
            message.send()
        except Exception as error:  # no kind of failure may lose the notice
            _try_later(notice, error)
            return
        notice.sent_at = timezone.now()
        notice.attempts = F("attempts") + 1
        notice.last_error = ""
        if notice.kind in SECRET_KINDS:
            notice.text = notice.html = ""
        notice.save()


def _try_later(notice: Notice, error: Exception) -> None:
    tried = notice.attempts
    notice.attempts = tried + 1
    notice.last_error = f"{type(error).__name__}: {error}"[:1000]
    notice.save(update_fields=["attempts", "last_error"])
    if tried < len(RETRY_MINUTES):
        when = timezone.now() + timedelta(minutes=RETRY_MINUTES[tried])
        deliver_notice.using(run_after=when).enqueue(notice.pk)


def resend(*, minutes: int, with_failed: bool = False) -> tuple[int, int]:
    """Queue what should have been done `minutes` ago again; return (notices, tasks).

    A task still marked as running after that time stopped with its worker, and no other worker
    would take it. Failed tasks are included only `with_failed`, because most would fail again. All
    tasks can run twice. A notice is skipped if an attempt is already queued.
    """
    limit = timezone.now() - timedelta(minutes=minutes)
    stuck = Q(status=TaskResultStatus.RUNNING, started_at__lt=limit)
    if with_failed:
        stuck |= Q(status=TaskResultStatus.FAILED, finished_at__lt=limit)
    with transaction.atomic():
        broken = DBTaskResult.objects.filter(stuck).update(
            status=TaskResultStatus.READY,
            started_at=None,
            finished_at=None,
            exception_class_path="",
            traceback="",
        )
        waiting = DBTaskResult.objects.filter(
            task_path=deliver_notice.module_path,
            status__in=[TaskResultStatus.READY, TaskResultStatus.RUNNING],
        ).values_list("args_kwargs__args__0", flat=True)
        unsent = Notice.objects.unsent().filter(created_at__lt=limit)
        late = unsent.exclude(pk__in=list(waiting)).order_by("pk").values_list("pk", flat=True)
        for pk in late:
            deliver_notice.enqueue(pk)
        return len(late), broken
