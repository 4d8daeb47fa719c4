"""Conditions for starting a course: each rule, the boundary days, the times of day, two zones."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from activation_codes.courses import LINK, first_failed, order_rules, rules_of
from activation_codes.models import CourseStart
from activation_codes.services.codes import save_settings
from activation_codes.services.courses import start_course
from activation_codes.services.redemptions import reclaim_redemption
from jasper_inventory.lib.exceptions import DomainError, NotAllowed
from licenses.models import Enrollment, Order, Outcome
from licenses.models.code_settings import CODE_SETTINGS
from licenses.services.enrollments import enroll_student, enroll_teacher, remove_enrollment
from licenses.services.joins import join_by_group_key
from tests import factories
from tests.factories import CODES
from tests.helpers import at_once, change

pytestmark = pytest.mark.django_db


@pytest.fixture
def order():
    return factories.order(CODES)


@pytest.fixture
def enrollment(order):
    return factories.redemption(factories.codes(order)[0]).enrollment


@pytest.fixture
def clock(settings, monkeypatch):
    """A function: set the clock to this local time of a zone, and the site to that zone."""

    def set_to(zone, *moment):
        settings.TIME_ZONE = zone
        now = datetime(*moment, tzinfo=ZoneInfo(zone)).astimezone(UTC)
        monkeypatch.setattr(timezone, "now", lambda: now)

    return set_to


def rules(enrollment, **values):
    enrollment = Enrollment.objects.select_related("order").get(pk=enrollment.pk)
    values.setdefault("has_product", True)
    values.setdefault("today", factories.today())
    return rules_of(enrollment, **values)


def failed(enrollment, **values):
    return [rule.name for rule in rules(enrollment, **values) if not rule.passed]


def start(enrollment, product=None):
    product = product or enrollment.order.products.first()
    return start_course(enrollment=enrollment, product=product, by=enrollment.user)


def set_boxes(order, **boxes):
    boxes = {box: box != "teacher_required" for box in CODE_SETTINGS} | boxes
    save_settings(order=order, boxes=boxes, by=factories.staff())


def test_all_rules_pass_and_are_in_one_order(enrollment):
    checked = rules(enrollment)
    assert all(rule.passed for rule in checked)
    assert first_failed(checked) is None
    assert [rule.name for rule in checked] == [
        "on_license",
        "own_time",
        "approved",
        "not_ended",
        "not_suspended",
        "active",
        "begun",
        "has_product",
        "linked",
    ]


STOPS = {
    "not_ended": {"finish_date": date(2026, 1, 2), "start_date": date(2026, 1, 1)},
    "not_suspended": {"suspended_ancestors": 1},
    "active": {"is_active": False},
    "begun": {"start_date": "tomorrow"},
}


@pytest.mark.parametrize("name", STOPS)
def test_each_rule_of_the_order_stops_the_start(order, enrollment, name):
    values = {
        field: factories.days(1) if value == "tomorrow" else value
        for field, value in STOPS[name].items()
    }
    change(order, **values)
    assert failed(enrollment) == [name]
    with pytest.raises(DomainError, match=str(first_failed(rules(enrollment)).why)):
        start(enrollment)
    assert not CourseStart.objects.exists()


def test_the_rules_of_the_order_agree_with_in_force(order):
    """The definition in SQL and the one that explains it agree over all combinations."""
    today = factories.today()
    for first in (-1, 0, 1):
        for last in (-1, 0, 1):
            if last < first:
                continue
            for is_active in (True, False):
                for suspended in (0, 1):
                    change(
                        order,
                        start_date=factories.days(first),
                        finish_date=factories.days(last),
                        is_active=is_active,
                        suspended_ancestors=suspended,
                    )
                    in_force = Order.objects.in_force(today).filter(pk=order.pk).exists()
                    order.refresh_from_db()
                    assert in_force == (first_failed(order_rules(order, today)) is None)


def test_an_order_that_was_not_approved(enrollment):
    enrollment.order.outcome = Outcome.PENDING
    checked = rules_of(
        enrollment,
        has_product=True,
        today=factories.today(),
    )
    assert first_failed(checked).name == "approved"


def test_a_removed_student_starts_nothing(enrollment, staff):
    reclaim_redemption(redemption=enrollment.redemption, by=staff)
    assert failed(enrollment) == ["on_license"]
    with pytest.raises(DomainError, match="removed from"):
        start(enrollment)


def test_the_day_it_ends_is_the_last(enrollment):
    Enrollment.objects.update(ends_on=factories.today())
    assert failed(enrollment) == []
    Enrollment.objects.update(ends_on=factories.days(-1))
    assert failed(enrollment) == ["own_time"]


def test_a_product_that_is_not_on_the_license(enrollment):
    [other, *_] = factories.products()
    with pytest.raises(DomainError, match="no longer on the license"):
        start(enrollment, other)


def test_if_a_teacher_is_required_the_student_links_first(order, enrollment):
    set_boxes(order, teacher_required=True)
    rule = first_failed(rules(enrollment))
    assert (rule.name, rule.step, rule.why) == ("linked", LINK, "Link to a teacher first.")
    with pytest.raises(DomainError, match="Link to a teacher first"):
        start(enrollment)

    teacher = enroll_teacher(order=order, user=factories.person(), by=factories.staff()).enrollment
    join_by_group_key(typed=str(teacher.group_key), by=enrollment.user)
    enrollment.refresh_from_db()
    assert start(enrollment)
    # A student who lost the teacher is locked out again; turning the box off opens it immediately
    # for everyone.
    remove_enrollment(enrollment=teacher, by=factories.staff())
    assert failed(enrollment) == ["linked"]
    set_boxes(order, teacher_required=False)
    assert failed(enrollment) == []


def test_a_student_of_a_center_license_whose_teacher_left_may_start(center, admin):
    order = factories.order(assigned_to=center)
    teacher = enroll_teacher(order=order, user=factories.person(), by=admin.user)
    student = enroll_student(
        order=order, user=factories.person(), by=admin.user, teacher=teacher.enrollment
    ).enrollment
    remove_enrollment(enrollment=teacher.enrollment, by=admin.user)
    student.refresh_from_db()
    assert student.teacher is None
    assert start(student)


def test_starting_is_recorded_once_with_its_last_time(enrollment, monkeypatch):
    first = start(enrollment)
    later = timezone.now() + timedelta(days=1)
    monkeypatch.setattr(timezone, "now", lambda: later)
    again = start(enrollment)
    assert again.pk == first.pk
    again.refresh_from_db()
    assert again.started_at == first.started_at
    assert again.last_started_at == later


def test_nobody_starts_a_course_for_another(enrollment):
    with pytest.raises(NotAllowed):
        start_course(
            enrollment=enrollment,
            product=enrollment.order.products.first(),
            by=factories.person(),
        )


@pytest.mark.django_db(transaction=True)
def test_a_double_press_is_one_start():
    order = factories.order(CODES)
    enrollment = factories.redemption(factories.codes(order)[0]).enrollment
    results = at_once(*[lambda: start(enrollment)] * 4)
    assert {type(result) for result in results} == {CourseStart}
    assert CourseStart.objects.count() == 1


# Times of day: "today" is the date in the site's zone


ZONES = ["America/Vancouver", "Pacific/Auckland"]


@pytest.mark.parametrize("zone", ZONES)
def test_the_last_day_lasts_until_midnight_of_the_site(order, enrollment, clock, zone):
    change(order, start_date=date(2026, 11, 1), finish_date=date(2027, 6, 1))
    Enrollment.objects.update(ends_on=date(2026, 12, 10))
    clock(zone, 2026, 12, 10, 23, 30)
    assert start(enrollment)
    clock(zone, 2026, 12, 11, 0, 30)
    with pytest.raises(DomainError, match=r"Your access ended on December 10, 2026\."):
        start(enrollment)


@pytest.mark.parametrize("zone", ZONES)
def test_the_order_begins_and_ends_at_midnight_of_the_site(order, enrollment, clock, zone):
    change(order, start_date=date(2026, 12, 10), finish_date=date(2026, 12, 10))
    Enrollment.objects.update(ends_on=None)
    clock(zone, 2026, 12, 9, 23, 30)
    with pytest.raises(DomainError, match=r"starts on December 10, 2026\."):
        start(enrollment)
    for hour in (0, 23):
        clock(zone, 2026, 12, 10, hour, 30)
        assert start(enrollment)
    clock(zone, 2026, 12, 11, 0, 30)
    with pytest.raises(DomainError, match=r"ended on December 10, 2026\."):
        start(enrollment)


@pytest.mark.parametrize("zone", ZONES)
def test_redeeming_near_midnight_counts_from_the_sites_day(order, clock, zone):
    change(order, start_date=date(2026, 11, 1), finish_date=date(2027, 6, 1), duration=10)
    codes = factories.codes(order)
    clock(zone, 2026, 12, 10, 23, 30)
    assert factories.redemption(codes[0]).enrollment.ends_on == date(2026, 12, 20)
    clock(zone, 2026, 12, 11, 0, 30)
    assert factories.redemption(codes[1]).enrollment.ends_on == date(2026, 12, 21)
