"""What approving or assigning sets: the terms of an order, and sensible ones to offer."""

from dataclasses import dataclass
from datetime import date, timedelta

OFFERED_DURATION = 365
# No order runs longer: day arithmetic on it stays within the calendar.
LAST_DAY = date(2199, 12, 31)


@dataclass(frozen=True, kw_only=True)
class Terms:
    """Dates, inclusive, and places: `students` of a Center License (None = unlimited), the other
    three of User Activation Codes (`duration` in days)."""

    start_date: date
    finish_date: date
    students: int | None = None
    number_of_codes: int | None = None
    users_per_code: int | None = None
    duration: int | None = None


def a_year_after(day: date) -> date:
    """The same date of the next year (February 29 gives February 28)."""
    try:
        return day.replace(year=day.year + 1)
    except ValueError:
        return day.replace(year=day.year + 1, day=28)


def codes_for(students: int, users_per_code: int) -> int:
    """The number of codes for N students: N / users per code, rounded up."""
    return -(-students // users_per_code)


def offered_dates(today: date) -> tuple[date, date]:
    """Start and finish offered for a new licence."""
    return today, a_year_after(today)


def offered_renewal_dates(
    *, start_date: date, finish_date: date, today: date, is_depleted: bool
) -> tuple[date, date]:
    """Start and finish offered for a renewal: the day after the current finish, or today if that
    is past or the order is Depleted; the same length as before."""
    start = finish_date + timedelta(days=1)
    if is_depleted or start < today:
        start = today
    length = min(finish_date - start_date, LAST_DAY - start)
    return start, start + length
