"""On which days before its end a license is told of."""

from datetime import date

MARKS = (1, 7, 30, 60, 90)


def due_mark(*, start: date, finish: date, today: date) -> int | None:
    """How many days before its end the notice due by today stands; None where none is due.

    Where a day was missed, the notice is still due until the next one is. A license that is not
    longer than the mark itself is not told of on its first day.
    """
    left = (finish - today).days
    mark = next((days for days in MARKS if left <= days), None)
    return mark if mark and (finish - start).days > mark else None
