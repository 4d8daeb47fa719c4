"""The terms of an order, set by approving or assigning, and suggested terms."""

import calendar
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

from django.utils.translation import gettext as _

OFFERED_DURATION = 365
# No order runs longer, so date arithmetic stays within the calendar.
LAST_DAY = date(2199, 12, 31)


@dataclass(frozen=True, kw_only=True)
class Terms:
    """Inclusive dates, and seats.

    `students` is for a Center License (None = unlimited), the other three for User Activation
    Codes (`duration` in days).
    """

    start_date: date
    finish_date: date
    students: int | None = None
    number_of_codes: int | None = None
    users_per_code: int | None = None
    duration: int | None = None

    @property
    def is_unlimited(self) -> bool:
        """Whether these are the terms of a site license."""
        return self.students is None and self.number_of_codes is None


class AnyTerms(Protocol):
    """The terms of an order, or terms that may become those of one."""

    @property
    def start_date(self) -> date | None: ...

    @property
    def finish_date(self) -> date | None: ...

    @property
    def students(self) -> int | None: ...

    @property
    def number_of_codes(self) -> int | None: ...

    @property
    def users_per_code(self) -> int | None: ...

    @property
    def duration(self) -> int | None: ...


def terms_facts(terms: AnyTerms, *, teacher_code: str) -> list[tuple[str, str]]:
    """Return the terms, also those of an order, as (label, text)."""
    dates = [
        (_("Start Date"), str(terms.start_date)),
        (_("Finish Date"), str(terms.finish_date)),
    ]
    if terms.number_of_codes is not None:
        students = terms.number_of_codes * (terms.users_per_code or 1)
        seats = [
            (_("Students"), f"{students:,}"),
            (_("Number of codes"), f"{terms.number_of_codes:,}"),
            (_("Users per code"), f"{terms.users_per_code:,}"),
            (_("Duration (days)"), f"{terms.duration:,}"),
        ]
    elif terms.students is None:
        seats = [(_("Students"), _("unlimited (site license)"))]
    else:
        seats = [(_("Students"), f"{terms.students:,}")]
    return [*dates, *seats, (_("Teacher Code"), teacher_code)]


def a_year_after(day: date) -> date:
    """Return the same date of the next year (February 28 for February 29)."""
    try:
        return day.replace(year=day.year + 1)
    except ValueError:
        return day.replace(year=day.year + 1, day=28)


def codes_for(students: int, users_per_code: int) -> int:
    """Return the number of codes for N students: N / users per code, rounded up."""
    return -(-students // users_per_code)


def offered_dates(today: date) -> tuple[date, date]:
    """Return the suggested start and finish of a new license."""
    return today, a_year_after(today)


def offered_renewal_dates(
    *, start_date: date, finish_date: date, today: date, is_depleted: bool
) -> tuple[date, date]:
    """Return the suggested start and finish of a renewal, as long as before.

    It starts the day after the current finish, or today if that has passed or the order is
    Depleted. Whole months and years stay whole, in the order's own style:

    - up to the day before: 2027-09-01 to 2028-08-31 gives 2028-09-01 to 2029-08-31, and
      2027-01-31 to 2027-02-28 (a month, as February has no day 31) gives 2027-03-01 to 2027-03-31;
    - up to the same day, as in the guide: 2026-09-27 to 2027-09-27 gives 2027-09-28 to 2028-09-28;
    - any other length keeps its number of days: 2027-09-01 to 2027-09-10 gives ten days again.
    """
    start = finish_date + timedelta(days=1)
    if is_depleted or start < today:
        start = today
    day_after = finish_date + timedelta(days=1)
    if months := _whole_months(start_date, day_after):
        finish = _months_after(start, months)[-1] - timedelta(days=1)
    elif months := _whole_months(start_date, finish_date):
        finish = _months_after(start, months)[0]
    else:
        finish = start + (finish_date - start_date)
    return start, min(finish, LAST_DAY)


def _whole_months(start: date, day: date) -> int:
    """Return the whole months from `start` to `day`; 0 if it isn't a whole number."""
    months = (day.year - start.year) * 12 + day.month - start.month
    fits = (number for number in (months, months - 1) if day in _months_after(start, number))
    return max(next(fits, 0), 0)


def _months_after(start: date, months: int) -> list[date]:
    """Return the same day the given number of months later.

    If that month lacks the day, return its last day and the first day of the next month, as
    either may be meant.
    """
    years, month = divmod(start.month - 1 + months, 12)
    year, month = start.year + years, month + 1
    last = calendar.monthrange(year, month)[1]
    if start.day <= last:
        return [date(year, month, start.day)]
    end = date(year, month, last)
    return [end, end + timedelta(days=1)]
