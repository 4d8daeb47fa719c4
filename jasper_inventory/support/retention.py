"""Retention: what is kept longer than the settings say, and its deletion."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import CharField, DateTimeField, Exists, OuterRef, QuerySet, Value
from django.db.models.functions import Cast, Coalesce, Concat
from django.utils import timezone

from jasper_inventory.accounts.models import (
    Invitation,
    LogEntry,
    LogKind,
    Membership,
    Role,
    User,
)
from jasper_inventory.accounts.services.log_entries import record
from jasper_inventory.lib.functions import call
from jasper_inventory.people.erasure import erase_person
from jasper_inventory.people.student_erasure import due_requests, erase_due
from licenses.models import Enrollment

# Rows deleted in one statement.
_PART = 10_000
_NEUTRAL = "@erased.invalid"


@dataclass(frozen=True)
class Outdated:
    """Rows that are older than the settings allow: how many, and how they are deleted."""

    what: str
    days: int
    number: int
    delete: Callable[[User], int]


def outdated() -> Iterator[Outdated]:
    """Yield what is kept too long, of each kind; nothing is deleted before `delete` is called."""
    for kind in LogKind:
        yield _log_entries(kind)
    yield _invitations()
    yield _school_erasures()
    if settings.STUDENT_DAYS:
        yield _former_students()


def _before(days: int) -> datetime:
    return timezone.now() - timedelta(days=days)


def _log_entries(kind: LogKind) -> Outdated:
    days = settings.LOG_DAYS[kind.value]
    until = _before(days)

    def delete(by: User) -> int:
        deleted = 0
        while (part := call("accounts_trim_log", ["deleted"], kind.value, until, _PART)[0]) > 0:
            deleted += part
        if deleted:
            after = {"kind": kind.value, "before": until, "entries": deleted}
            record("log.trimmed", by=by, after=after)
        return deleted

    number = LogEntry.objects.filter(kind=kind, at__lt=until).count()
    return Outdated(f"activity log: {kind.label}", days, number, delete)


def _invitations() -> Outdated:
    """Addresses of invitations that nobody accepted; the rows stay for counts."""
    days = settings.INVITATION_DAYS
    old = Invitation.objects.filter(accepted_at=None, expires_at__lt=_before(days))
    old = old.exclude(email__endswith=_NEUTRAL)

    def delete(by: User) -> int:
        # One address can have one open invitation only.
        ended = Coalesce("revoked_at", timezone.now(), output_field=DateTimeField())
        return old.update(
            email=Concat(Value("invitation-"), Cast("pk", CharField()), Value(_NEUTRAL)),
            revoked_at=ended,
        )

    return Outdated("addresses of unused invitations", days, old.count(), delete)


def _school_erasures() -> Outdated:
    def delete(by: User) -> int:
        return sum(erase_due(request, by=by) for request in due_requests())

    days = settings.SCHOOL_ERASURE_DAYS
    return Outdated("students that schools erased", days, due_requests().count(), delete)


def former_students(until: datetime) -> QuerySet[User]:
    """Return students, and nothing else, without a license or a sign-in since then."""
    roles = Membership.objects.filter(user=OuterRef("pk"))
    enrolled = Enrollment.objects.filter(user=OuterRef("pk"))
    since = enrolled.filter(order__finish_date__gte=timezone.localdate(until), removed_at=None)
    students = User.objects.filter(
        Exists(roles.filter(role=Role.STUDENT)), erased_at=None, is_staff=False, is_superuser=False
    )
    return (
        students.exclude(Exists(roles.exclude(role=Role.STUDENT)))
        .exclude(Exists(since))
        .alias(seen=Coalesce("last_login", "date_joined"))
        .filter(seen__lt=until)
        .order_by("pk")
    )


def _former_students() -> Outdated:
    days = settings.STUDENT_DAYS
    found = former_students(_before(days))

    def delete(by: User) -> int:
        return sum(erase_person(user=student, by=by) for student in found)

    return Outdated("students without a license", days, found.count(), delete)
