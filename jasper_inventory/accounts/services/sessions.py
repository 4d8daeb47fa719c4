"""Ending sessions, and the limit on those of visitors who aren't signed in."""

from collections import Counter
from datetime import timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from jasper_inventory.accounts.models import AnonymousSession, Session, User
from jasper_inventory.accounts.session_store import key_hash


def end_session(*, user: User, pk: str) -> bool:
    """End one of a person's sessions; return whether there was one."""
    number, _by_model = Session.objects.of_user(user).filter(pk=pk).delete()
    return bool(number)


def end_sessions(*, user: User, but: str = "") -> int:
    """End a person's sessions, except that with the key `but`; return how many there were."""
    rows = Session.objects.of_user(user).exclude(pk=key_hash(but))
    number, _by_model = rows.delete()
    return number


def bound_anonymous_sessions(*, session_key: str, address: str, browser: str = "") -> None:
    """Record a visitor's new session; delete sessions above the limit of the network address.

    Sessions of the browser with the most are deleted first, so that one browser can't push out
    others. All browsers without a cookie (`browser` is empty) count as one. Expired sessions of
    all addresses are deleted, too.
    """
    now = timezone.now()
    rows = AnonymousSession.objects.all()
    with transaction.atomic():
        # The lock makes the number of an address exact.
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_advisory_xact_lock(hashtextextended('anonymous sessions ' || %s, 0))",
                [address],
            )
        AnonymousSession.objects.bulk_create(
            [
                AnonymousSession(
                    session_key=key_hash(session_key),
                    address=_maker(address, browser),
                    created_at=now,
                )
            ],
            ignore_conflicts=True,
        )
        of_address = rows.filter(Q(address=address) | Q(address__startswith=f"{address} "))
        if of_address.count() > settings.ANONYMOUS_SESSIONS_PER_ADDRESS:
            _drop(rows.filter(pk__in=_making_room(of_address)))
        ended = now - timedelta(seconds=settings.SESSION_COOKIE_AGE)
        _drop(rows.filter(created_at__lt=ended).order_by("created_at")[:1000])


def _maker(address: str, browser: str) -> str:
    """Return the stored origin of a session: the network address, and the browser if known."""
    return f"{address} {browser}" if browser else address


def _making_room(rows: QuerySet[AnonymousSession]) -> list[str]:
    """Return the keys of sessions above the limit: the oldest of the browser with the most."""
    kept = list(rows.order_by("created_at", "session_key").values_list("address", "pk"))
    dropped: list[str] = []
    while len(kept) > settings.ANONYMOUS_SESSIONS_PER_ADDRESS:
        [(most, _number)] = Counter(maker for maker, _pk in kept).most_common(1)
        oldest = next(one for one in kept if one[0] == most)
        kept.remove(oldest)
        dropped.append(oldest[1])
    return dropped


def _drop(rows: QuerySet[AnonymousSession]) -> None:
    """Delete rows with their sessions, skipping those that another transaction is deleting."""
    keys = list(rows.select_for_update(skip_locked=True).values_list("pk", flat=True))
    if keys:
        Session.objects.filter(pk__in=keys).delete()
        AnonymousSession.objects.filter(pk__in=keys).delete()
