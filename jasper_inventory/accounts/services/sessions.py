"""A bound on what visitors who aren't signed in leave in the database."""

from datetime import timedelta

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from jasper_inventory.accounts.models import AnonymousSession


def bound_anonymous_sessions(*, session_key: str, address: str) -> None:
    """Note a session that was just made for a visitor; drop the oldest beyond the address's number.

    Those of all addresses that have ended are dropped as well.
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
            [AnonymousSession(session_key=session_key, address=address, created_at=now)],
            ignore_conflicts=True,
        )
        most = settings.ANONYMOUS_SESSIONS_PER_ADDRESS
        _drop(rows.filter(address=address).order_by("-created_at", "-session_key")[most:])
        ended = now - timedelta(seconds=settings.SESSION_COOKIE_AGE)
        _drop(rows.filter(created_at__lt=ended).order_by("created_at")[:1000])


def _drop(rows: QuerySet[AnonymousSession]) -> None:
    """Delete them with their sessions, passing over those that somebody else deletes just now."""
    keys = list(rows.select_for_update(skip_locked=True).values_list("pk", flat=True))
    if keys:
        Session.objects.filter(pk__in=keys).delete()
        AnonymousSession.objects.filter(pk__in=keys).delete()
