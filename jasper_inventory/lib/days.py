"""Days of the site's time zone as moments, for queries.

Computed here and not by the database, whose own rules of a time zone may be older or newer: both
must agree on when a day begins.
"""

from datetime import date, datetime, time, timedelta

from django.utils import timezone


def begins(day: date) -> datetime:
    """The first moment of a day."""
    return timezone.make_aware(datetime.combine(day, time.min))


def ends(day: date) -> datetime:
    """The first moment that is no longer of a day."""
    return begins(day + timedelta(days=1))
