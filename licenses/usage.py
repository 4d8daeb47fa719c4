"""Usage: an order's students over time, counted by the database and drawn as a curve."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import models
from django.db.models import Count, Max, Min, QuerySet
from django.db.models.functions import Trunc
from django.utils import timezone
from django.utils.translation import gettext as _

from licenses.models import Enrollment, EnrollmentRole, Order

# The most days for each unit, so that a curve has at most about 125 points.
SPANS = (("day", 120), ("week", 840), ("month", 3_650))
# The height of the picture, as in `order_curve.html`, and the bounds of the curve in it.
HEIGHT = 190
LEFT, RIGHT, TOP, BOTTOM = 40, 336, 22, 166
_STEPS = (1, 2, 5)
# Below this distance, the labels of two lines would overlap at the largest font size.
_NEAR = 20


@dataclass(frozen=True)
class Step:
    """A day, week, month or year: students joined, students left, and students at its end."""

    begins: date
    ends: date
    joined: int
    left: int
    students: int


@dataclass(frozen=True)
class Usage:
    """Steps from the order's start, or the first student, until today; none without students."""

    unit: str
    steps: list[Step]

    @property
    def points(self) -> list[tuple[date, int]]:
        """Return the number of students at the end of each step."""
        return [(step.ends, step.students) for step in self.steps]

    @property
    def changes(self) -> list[Step]:
        """Return the steps in which someone joined or left, newest first."""
        return [step for step in reversed(self.steps) if step.joined or step.left]

    @property
    def most(self) -> Step:
        """Return the first step that ends with the largest number of students."""
        return max(self.steps, key=lambda step: step.students)

    @property
    def busiest(self) -> Step:
        """Return the first step with the most new students."""
        return max(self.steps, key=lambda step: step.joined)

    @property
    def unit_label(self) -> str:
        """The column heading for the steps."""
        labels = {"day": _("Day"), "week": _("Week of"), "month": _("Month of")}
        return labels.get(self.unit, _("Year of"))


def usage_of(order: Order, today: date) -> Usage:
    """Return an approved order's usage, in the site's time zone, with three queries."""
    students = Enrollment.objects.filter(order=order, role=EnrollmentRole.STUDENT).order_by()
    ends = students.aggregate(first=Min("enrolled_at"), last=Max("removed_at"))
    if ends["first"] is None:
        return Usage("day", [])
    joined_first = timezone.localdate(ends["first"])
    first = min(joined_first, order.start_date or joined_first)
    last = max(min(today, order.finish_date or today), joined_first)
    if ends["last"]:
        last = max(last, timezone.localdate(ends["last"]))
    unit = next((unit for unit, most in SPANS if (last - first).days < most), "year")
    joined = _counted(students, "enrolled_at", unit)
    left = _counted(students.exclude(removed_at=None), "removed_at", unit)
    steps, number = [], 0
    for begins, ends_on in _spans(unit, first, last):
        came, went = joined.get(begins, 0), left.get(begins, 0)
        number += came - went
        steps.append(Step(max(begins, first), ends_on, came, went, number))
    return Usage(unit, steps)


def _counted(students: QuerySet[Enrollment], field: str, unit: str) -> dict[date, int]:
    """Count the students by the step of a timestamp field, as {first day: number}."""
    begins = Trunc(field, unit, output_field=models.DateField())
    rows = students.annotate(begins=begins).values("begins").annotate(number=Count("pk"))
    return {row["begins"]: row["number"] for row in rows}


def _spans(unit: str, first: date, last: date) -> Iterator[tuple[date, date]]:
    """Yield the first and last day of each step; the last step may be cut short."""
    begins = _truncated(unit, first)
    while begins <= last:
        # Far enough to be within the next step, whatever its length.
        ahead = {"day": 1, "week": 7, "month": 31}.get(unit, 366)
        following = _truncated(unit, begins + timedelta(days=ahead))
        yield begins, min(following - timedelta(days=1), last)
        begins = following


def _truncated(unit: str, day: date) -> date:
    """Return the first day of the step, as the database computes it."""
    if unit == "week":
        return day - timedelta(days=day.weekday())
    if unit == "month":
        return day.replace(day=1)
    return day.replace(month=1, day=1) if unit == "year" else day


@dataclass(frozen=True)
class Label:
    """A text at a point."""

    x: str
    y: str
    text: str
    anchor: str


@dataclass(frozen=True)
class Curve:
    """The values that the template draws."""

    line: str
    area: str
    end: tuple[str, str]
    levels: list[Label]
    days: list[Label]
    marks: list[Label]


def draw(points: Sequence[tuple[date, int]], *, marks: Collection[int] = ()) -> Curve:
    """Return the curve for numbers by day, oldest first, with at least one point.

    `marks` are levels with lines of their own, such as an alert's. Those far above the curve are
    left out, as they would flatten it.
    """
    most = max(number for _day, number in points)
    shown = sorted(mark for mark in marks if mark <= 2 * most)
    step = _step(max([most, *shown, 1]))
    top = step * -(-max([most, *shown, 1]) // step)
    first, last = points[0][0], points[-1][0]
    span = max((last - first).days, 1)

    def x(day: date) -> float:
        return LEFT + (RIGHT - LEFT) * (day - first).days / span if last > first else RIGHT

    def y(number: int) -> float:
        return BOTTOM - (BOTTOM - TOP) * number / top

    # A single day is drawn as a horizontal line.
    spots = [(x(day), y(number)) for day, number in points]
    if len(spots) == 1:
        spots = [(float(LEFT), spots[0][1]), *spots]
    line = " ".join(f"{_short(a)},{_short(b)}" for a, b in spots)
    area = f"{_short(spots[0][0])},{BOTTOM} {line} {_short(spots[-1][0])},{BOTTOM}"
    return Curve(
        line=line,
        area=area,
        end=(_short(spots[-1][0]), _short(spots[-1][1])),
        levels=[
            Label(_short(LEFT), _short(y(level)), str(level), "end")
            for level in range(0, top + 1, step)
        ],
        days=_days(points),
        marks=_marks([(mark, y(mark)) for mark in shown]),
    )


def _marks(levels: Sequence[tuple[int, float]]) -> list[Label]:
    """Return the labels of marks, lowest first. Of two close marks, one is on the right."""
    labels: list[Label] = []
    left: float | None = None
    for mark, at in levels:
        if left is None or left - at >= _NEAR:
            left = at
            labels.append(Label(_short(LEFT + 4), _short(at), str(mark), "start"))
        else:
            labels.append(Label(_short(RIGHT), _short(at), str(mark), "end"))
    return labels


def _days(points: Sequence[tuple[date, int]]) -> list[Label]:
    first, last = points[0][0], points[-1][0]
    low = _short(HEIGHT - 6)
    if first == last:
        return [Label(_short(RIGHT), low, last.isoformat(), "end")]
    labels = [Label(_short(LEFT), low, first.isoformat(), "start")]
    if (last - first).days > 1:
        middle = first + (last - first) / 2
        labels.append(Label(_short((LEFT + RIGHT) / 2), low, middle.isoformat(), "middle"))
    return [*labels, Label(_short(RIGHT), low, last.isoformat(), "end")]


def _step(most: int) -> int:
    """Return the round number of which at most five multiples reach `most`."""
    power = 1
    while True:
        for step in _STEPS:
            if most <= 5 * step * power:
                return step * power
        power *= 10


def _short(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")
