"""Usage: students counted by day in the site's time zone, drawn, and described in words."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from licenses.models import Alert, AlertKind, Enrollment
from licenses.services.enrollments import enroll_teacher, pause_joining, remove_enrollment
from licenses.usage import usage_of
from tests import factories
from tests.helpers import change
from tests.licenses.crowds import crowd, learn, site_license
from tests.pages import DIALOG, facts, page_text, parsed, text

pytestmark = pytest.mark.django_db

START = date(2026, 9, 1)


def address(order):
    return f"/inventory/{order.number}/usage/"


def at(day, hour=12, minute=0, zone="America/Vancouver"):
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZoneInfo(zone))


def joined(order, staff, enrolled_at, removed_at=None):
    each = learn(order, staff)
    if removed_at:
        remove_enrollment(enrollment=each, by=staff)
        Enrollment.objects.filter(pk=each.pk).update(removed_at=removed_at)
    Enrollment.objects.filter(pk=each.pk).update(enrolled_at=enrolled_at)


def steps(usage):
    return [(step.begins, step.joined, step.left, step.students) for step in usage.steps]


@pytest.fixture
def order(center, staff):
    made = site_license(center, by=staff)
    change(made, start_date=START, finish_date=date(2027, 8, 31))
    made.refresh_from_db()
    return made


def test_each_day_from_the_start_until_today(order, staff):
    joined(order, staff, at(START + timedelta(days=1)))
    joined(order, staff, at(START + timedelta(days=1)), at(START + timedelta(days=3)))
    joined(order, staff, at(START + timedelta(days=4)))
    usage = usage_of(order, START + timedelta(days=4))
    assert usage.unit == "day"
    assert steps(usage) == [
        (START, 0, 0, 0),
        (START + timedelta(days=1), 2, 0, 2),
        (START + timedelta(days=2), 0, 0, 2),
        (START + timedelta(days=3), 0, 1, 1),
        (START + timedelta(days=4), 1, 0, 2),
    ]
    assert [step.begins.day for step in usage.changes] == [5, 4, 2]
    assert (usage.most.ends, usage.busiest.begins) == (date(2026, 9, 2), date(2026, 9, 2))
    order.refresh_from_db()
    assert usage.steps[-1].students == order.enrolled


@pytest.mark.parametrize(
    ("zone", "day"), [("America/Vancouver", 2), ("UTC", 3), ("Pacific/Auckland", 3)]
)
def test_a_day_is_one_of_the_sites_time_zone(order, staff, settings, zone, day):
    # 23:30 in Vancouver is the next day elsewhere.
    joined(order, staff, at(date(2026, 9, 2), 23, 30))
    settings.TIME_ZONE = zone
    [change] = usage_of(order, date(2026, 9, 9)).changes
    assert change.begins == date(2026, 9, day)


@pytest.mark.parametrize(
    ("days", "unit", "points"),
    [
        (119, "day", 120),
        (120, "week", 18),
        (839, "week", 121),
        (840, "month", 28),
        (3_649, "month", 120),
        (3_650, "year", 11),
    ],
)
def test_the_longer_the_time_the_longer_the_steps(order, staff, days, unit, points):
    joined(order, staff, at(START))
    change(order, finish_date=date(2040, 1, 1))
    order.refresh_from_db()
    usage = usage_of(order, START + timedelta(days=days))
    assert (usage.unit, len(usage.steps)) == (unit, points)
    assert usage.steps[0].begins == START
    assert usage.steps[-1].ends == START + timedelta(days=days)
    assert [step.students for step in usage.steps] == [1] * points
    for before, after in zip(usage.steps, usage.steps[1:], strict=False):
        assert after.begins == before.ends + timedelta(days=1)


def test_weeks_begin_on_monday_in_the_database_as_here(order, staff):
    # 2026-09-06 is a Sunday.
    for day in (6, 7, 13):
        joined(order, staff, at(date(2026, 9, day)))
    usage = usage_of(order, START + timedelta(days=200))
    assert [(step.begins.day, step.joined) for step in usage.changes] == [(7, 2), (1, 1)]


def test_it_ends_with_the_order(order, staff):
    joined(order, staff, at(START))
    usage = usage_of(order, date(2030, 1, 1))
    assert usage.steps[-1].ends == order.finish_date


def test_teachers_are_not_counted_and_nobody_is_nothing(order, staff):
    enroll_teacher(order=order, user=factories.person(), by=staff)
    assert usage_of(order, START).steps == []


def test_the_window_shows_curve_words_and_table(site, center, staff):
    order = site_license(center, by=staff)
    crowd(order, 249, ago=timedelta(days=3), apart=timedelta(0))
    page = site.get(address(order))
    tree = parsed(page)
    assert text(tree.cssselect("h1")[0]) == "Usage"
    assert facts(page)["Students"] == "249 (unlimited)"
    [line] = tree.cssselect("svg polyline")
    assert len(line.get("points").split()) == 11
    [svg] = tree.cssselect("svg[role=img]")
    assert tree.get_element_by_id(svg.get("aria-labelledby")).tag == "title"
    assert [text(mark) for mark in tree.cssselect(".curve-mark-text")] == ["Alert at 400"]
    day = factories.days(-3).isoformat()
    assert text(tree.cssselect("figcaption")[0]) == (
        f"Peak: 249 students, first reached on {day}. Busiest day: {day}, when 249 joined."
    )
    rows = [[text(cell) for cell in row] for row in tree.cssselect(".curve-table tr")]
    assert rows == [["Day", "Joined", "Left", "Students"], [day, "249", "0", "249"]]


def test_the_window_lists_the_alerts_and_links_to_actions(site, center, staff):
    order = site_license(center, by=staff)
    assert "No alerts yet." in page_text(site.get(address(order)))
    Alert.objects.create(order=order, kind=AlertKind.STUDENTS, mark="400", students=400)
    Alert.objects.create(order=order, kind=AlertKind.BURST, mark="2026-11-24", students=77)
    tree = parsed(site.get(address(order)))
    lines = [text(item) for item in tree.cssselect(".alerts li")]
    assert [line.split(": ")[1] for line in lines] == [
        "77 students joined within an hour",
        "400 students reached",
    ]
    links = [text(link) for link in tree.cssselect(".window-actions a")]
    assert links == ["Close", "Set Alerts", "Replace Teacher Code", "Pause Enrollment"]
    assert tree.cssselect(".window-actions a")[3].get("href") == (
        f"/inventory/{order}/pause/?next=/inventory/{order}/usage/"
    )


def test_a_paused_order_says_so_and_offers_to_allow(site, center, admin, staff):
    order = site_license(center, by=staff)
    pause_joining(order=order, by=admin.user, reason="In a forum")
    page = site.get(address(order))
    assert "paused enrollment on" in facts(page)["Students"]
    assert "In a forum" in facts(page)["Students"]
    links = [text(link) for link in parsed(page).cssselect(".window-actions a")]
    assert links[-1] == "Resume Enrollment"
    assert "In a forum" in page_text(site.get(f"/inventory/{order.number}/edit/"))
    assert "Enrollment paused" in page_text(site.get("/inventory/"))


def test_limited_licenses_and_codes_have_a_curve_and_seat_alerts_only(site, center, staff):
    limited = factories.order(assigned_to=center, students=3)
    codes = factories.order(factories.CODES, assigned_to=center, number_of_codes=2)
    learn(limited, staff)
    learn(limited, staff)
    for code in factories.codes(codes):
        factories.redemption(code)
    for order, seats, alerts in ((limited, "3 seats", 0), (codes, "2 seats", 1)):
        tree = parsed(site.get(address(order)))
        assert [text(mark) for mark in tree.cssselect(".curve-mark-text")] == [seats]
        assert "Set Alerts" not in text(tree)
        assert text(tree).count("2 seats used") == len(tree.cssselect(".alerts li")) == alerts


def test_without_students_there_is_no_curve(site, center):
    page = site.get(address(factories.order(assigned_to=center)))
    assert "No students have joined this license yet." in page_text(page)
    assert not parsed(page).cssselect("figure")


def test_the_hub_above_sees_it_and_may_not_act_on_orders_cci_assigned(sign_in, hub_admin, center):
    order = site_license(center)
    page = sign_in(hub_admin).get(address(order))
    assert [text(link) for link in parsed(page).cssselect(".window-actions a")] == ["Close"]


def test_as_a_dialog(site, center):
    response = site.get(address(site_license(center)), **DIALOG)
    assert b"<html" not in response.content


def test_requests_and_foreign_orders_have_no_such_page(site, admin):
    assert site.get(address(factories.order())).status_code == 404
    assert site.get(address(factories.license_request(membership=admin))).status_code == 404


def test_the_queries_don_t_grow_with_the_students(
    site, center, staff, django_assert_num_queries, django_assert_max_num_queries
):
    few, many = site_license(center, by=staff), site_license(center, by=staff)
    crowd(few, 1, ago=timedelta(days=5))
    crowd(many, 200, ago=timedelta(days=1), apart=timedelta(hours=1))
    for mark in range(10):
        Alert.objects.create(order=many, kind=AlertKind.STUDENTS, mark=str(mark), students=1)
    site.get(address(few))
    with django_assert_max_num_queries(15) as queries:
        site.get(address(few))
    with django_assert_num_queries(len(queries)):
        site.get(address(many))


def test_the_moment_of_an_alert_is_in_the_sites_time_zone(site, center, staff):
    order = site_license(center, by=staff)
    alert = Alert.objects.create(order=order, kind=AlertKind.STUDENTS, mark="400", students=400)
    here = timezone.localtime(alert.raised_at).strftime("%Y-%m-%d %H:%M")
    assert f"{here}: 400 students reached" in page_text(site.get(address(order)))
