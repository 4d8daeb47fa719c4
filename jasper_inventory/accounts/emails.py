"""Notices: emails that are stored first and then delivered: see `email_delivery`.

Their texts refer to people instead of naming them; the names are filled in at delivery.
"""

import copy
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TypeAlias, TypedDict

from django.conf import settings
from django.db import connection, transaction
from django.template.loader import render_to_string
from django.utils import timezone
from django_tasks import task

# Jobs that an earlier version queued are found here.
from jasper_inventory.accounts.email_delivery import deliver_notice as deliver_notice
from jasper_inventory.accounts.email_delivery import queue_delivery
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
from jasper_inventory.lib.references import PARTS, people_in, reference, written
from jasper_inventory.lib.tasks import SIGN_IN

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
    expires_at: datetime | None = None,
) -> None:
    """Store a notice and queue its delivery, unless its event already has one.

    Both are part of the caller's transaction: no commit, no email. A person who was erased in the
    meantime gets no email. `expires_at` is when its link stops working.
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
                    expires_at=expires_at,
                )
            ],
            ignore_conflicts=event is not None,
        )
        if event is None:
            queue_delivery(notices[0])
            return
        notice = Notice.objects.get(event=event, address=address)
        if notice.attempts == 0:
            queue_delivery(notice)


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
    expires_at: datetime | None = None,
) -> None:
    post_notice(
        kind=kind,
        address=address,
        recipient=user,
        event=event,
        expires_at=expires_at,
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


def _referring(value: object) -> object:
    """Return a user of a template's context with references instead of names and address."""
    if not isinstance(value, User):
        return value
    person = copy.copy(value)
    for part in PARTS:
        if getattr(value, part):
            setattr(person, part, reference(value.pk, part))
    return person


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


def post_invitation(invitation: Invitation, token: str) -> None:
    """Send an invitation in the caller's transaction; the token is stored only in its email."""
    post_notice(
        kind="invitation",
        address=invitation.email,
        expires_at=invitation.expires_at,
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


@task(priority=SIGN_IN)
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
        expires_at=timezone.now() + VALID_FOR,
    )
