"""Days: their start and end in the site's time zone, for queries, and their dates in words.

Start and end are computed in Python because the database may have other time zone rules.
"""

from datetime import date, datetime, time, timedelta

from django.utils import timezone
from django.utils.formats import date_format


def begins(day: date) -> datetime:
    """Return the first moment of a day."""
    return timezone.make_aware(datetime.combine(day, time.min))


def ends(day: date) -> datetime:
    """Return the first moment after a day."""
    return begins(day + timedelta(days=1))


def in_words(day: date | None) -> str:
    """Return a date as students read it, such as October 21, 2026, or ""."""
    return date_format(day, "F j, Y") if day else ""
