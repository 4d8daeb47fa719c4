"""Positions of the line, the axes and their labels in a curve."""

import re
from datetime import date, timedelta

import pytest
from django.conf import settings

from licenses.usage import BOTTOM, LEFT, RIGHT, TOP, draw

DAY = date(2026, 9, 1)
TEMPLATE = (settings.BASE_DIR / "templates" / "licenses" / "order_curve.html").read_text()
WIDTH, HEIGHT = map(int, re.search(r'viewBox="0 0 (\d+) (\d+)"', TEMPLATE).groups())


def points(*numbers):
    return [(DAY + timedelta(days=at), number) for at, number in enumerate(numbers)]


def spots(curve):
    return [tuple(map(float, spot.split(","))) for spot in curve.line.split()]


def test_the_line_goes_from_the_first_day_to_the_last_and_up_with_the_number():
    curve = draw(points(0, 50, 100))
    assert spots(curve) == [(LEFT, BOTTOM), ((LEFT + RIGHT) / 2, (TOP + BOTTOM) / 2), (RIGHT, TOP)]
    assert curve.end == (str(RIGHT), str(TOP))
    assert curve.area == f"{LEFT},{BOTTOM} {curve.line} {RIGHT},{BOTTOM}"


def test_days_are_placed_in_proportion_to_time():
    curve = draw([(DAY, 1), (DAY + timedelta(days=1), 2), (DAY + timedelta(days=4), 3)])
    assert [x for x, _y in spots(curve)] == [LEFT, LEFT + (RIGHT - LEFT) / 4, RIGHT]
    assert [day.text for day in curve.days] == ["2026-09-01", "2026-09-03", "2026-09-05"]


def test_one_day_is_a_level_line():
    curve = draw(points(7))
    (x1, y1), (x2, y2) = spots(curve)
    assert (x1, x2) == (LEFT, RIGHT) and y1 == y2
    assert [day.text for day in curve.days] == ["2026-09-01"]


def test_nobody_left_is_the_ground_line():
    assert {y for _x, y in spots(draw(points(0, 0)))} == {BOTTOM}


@pytest.mark.parametrize(
    ("most", "levels"),
    [
        (1, ["0", "1"]),
        (5, ["0", "1", "2", "3", "4", "5"]),
        (6, ["0", "2", "4", "6"]),
        (18, ["0", "5", "10", "15", "20"]),
        (391, ["0", "100", "200", "300", "400"]),
        (1_000_000, ["0", "200000", "400000", "600000", "800000", "1000000"]),
    ],
)
def test_the_levels_are_round_and_at_most_six(most, levels):
    assert [level.text for level in draw(points(0, most)).levels] == levels


def test_marks_far_above_the_curve_are_left_out():
    assert [mark.text for mark in draw(points(0, 199), marks=(400, 500)).marks] == []
    near = draw(points(0, 249), marks=(400, 500))
    assert [mark.text for mark in near.marks] == ["400"]
    assert all(float(mark.y) >= TOP for mark in near.marks)
    assert [mark.text for mark in draw(points(0, 250), marks=(500, 400)).marks] == ["400", "500"]


@pytest.mark.parametrize("marks", [(405, 410), (400, 425)])
def test_of_two_marks_near_each_other_one_is_named_on_the_right(marks):
    low, high = draw(points(0, 380), marks=marks).marks
    assert (low.text, low.anchor, float(low.x)) == (str(marks[0]), "start", LEFT + 4)
    assert (high.text, high.anchor, float(high.x)) == (str(marks[1]), "end", RIGHT)


def test_marks_far_from_each_other_are_named_on_the_left():
    far = draw(points(0, 380), marks=(400, 500)).marks
    assert [mark.anchor for mark in far] == ["start", "start"]


def test_all_of_it_is_within_the_picture():
    curve = draw(points(*range(0, 997, 83)), marks=(400, 500))
    for x, y in spots(curve):
        assert 0 <= x <= WIDTH and 0 <= y <= HEIGHT
    for label in [*curve.levels, *curve.days, *curve.marks]:
        assert 0 <= float(label.x) <= WIDTH and 0 <= float(label.y) <= HEIGHT
