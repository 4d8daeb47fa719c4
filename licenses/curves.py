"""Drawing a number over time: where line, axes and their labels stand in an inline picture.

Coordinates are those of the picture's view box; colours and sizes of letters are the style sheet's.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

WIDTH, HEIGHT = 344, 190
LEFT, RIGHT, TOP, BOTTOM = 40, 336, 22, 166
_STEPS = (1, 2, 5)
# Less between two lines than a line of letters, where they are largest: their texts would meet.
_NEAR = 20


@dataclass(frozen=True)
class Label:
    """A text at a point."""

    x: str
    y: str
    text: str
    anchor: str


@dataclass(frozen=True)
class Curve:
    """What the template draws."""

    line: str
    area: str
    end: tuple[str, str]
    levels: list[Label]
    days: list[Label]
    marks: list[Label]


def draw(points: Sequence[tuple[date, int]], *, marks: Collection[int] = ()) -> Curve:
    """The curve of a number on days, oldest first, at least one.

    `marks` are levels worth a line of their own, such as an alert's; those far above the curve
    would only flatten it, and are left out.
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

    # One day alone is drawn as a level line.
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
    """The texts of marked levels, the lowest first: of two near each other one on the right."""
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
    """The round number whose multiples, at most five, reach the most."""
    power = 1
    while True:
        for step in _STEPS:
            if most <= 5 * step * power:
                return step * power
        power *= 10


def _short(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")
