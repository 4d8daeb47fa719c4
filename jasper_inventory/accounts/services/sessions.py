"""A bound on what visitors who aren't signed in leave in the database."""

from collections import Counter
from datetime import timedelta

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from jasper_inventory.accounts.models import AnonymousSession


def bound_anonymous_sessions(*, session_key: str, address: str, browser: str = "") -> None:
    """Note a session that was just made for a visitor; drop one beyond the address's number.

    The browser that left the most makes room, so that one that sends the same form again and
    again takes nothing from others. All that came without a cookie (`browser` is empty) count as
    one browser. Those of all addresses that have ended are dropped as well.
    """
    now = timezone.now()
    rows = AnonymousSession.objects.all()
    with transaction.atomic():
        # One after the other for an address: the number is exact.
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_advisory_xact_lock(hashtextextended('anonymous sessions ' || %s, 0))",
                [address],
            )
        AnonymousSession.objects.bulk_create(
            [
                AnonymousSession(
                    session_key=session_key, address=_maker(address, browser), created_at=now
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
    """What is noted of where a session was made: the network address, and the browser if known."""
    return f"{address} {browser}" if browser else address


def _making_room(rows: QuerySet[AnonymousSession]) -> list[str]:
    """The keys of those beyond the number of one address: of whoever left the most, the oldest."""
    kept = list(rows.order_by("created_at", "session_key").values_list("address", "pk"))
    dropped: list[str] = []
    while len(kept) > settings.ANONYMOUS_SESSIONS_PER_ADDRESS:
        [(most, _number)] = Counter(maker for maker, _pk in kept).most_common(1)
        oldest = next(one for one in kept if one[0] == most)
        kept.remove(oldest)
        dropped.append(oldest[1])
    return dropped


def _drop(rows: QuerySet[AnonymousSession]) -> None:
    """Delete them with their sessions, passing over those that somebody else deletes just now."""
    keys = list(rows.select_for_update(skip_locked=True).values_list("pk", flat=True))
    if keys:
        Session.objects.filter(pk__in=keys).delete()
        AnonymousSession.objects.filter(pk__in=keys).delete()
