"""Start and end of days in the site's time zone, for queries.

They are computed in Python because the database may have older or newer time zone rules.
"""

from datetime import date, datetime, time, timedelta

from django.utils import timezone


def begins(day: date) -> datetime:
    """Return the first moment of a day."""
    return timezone.make_aware(datetime.combine(day, time.min))


def ends(day: date) -> datetime:
    """Return the first moment after a day."""
    return begins(day + timedelta(days=1))
