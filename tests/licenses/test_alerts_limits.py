"""Alerts of site licenses: at a number of students, once; for fast enrollment, once a day."""

from datetime import timedelta

import pytest
from django.core import mail
from django.db.models import F
from django.utils import timezone

from licenses.models import Alert, AlertKind, Enrollment, Order
from licenses.services.alerts import set_alerts
from licenses.services.enrollments import (
    Joined,
    copy_enrollments,
    enroll_student,
    enroll_teacher,
    remove_enrollment,
)
from tests import factories
from tests.helpers import at_once, change
from tests.licenses.acts import allocate, parent_of, renewed
from tests.licenses.crowds import crowd, learn, site_license

pytestmark = pytest.mark.django_db


def marks(order, kind=AlertKind.STUDENTS):
    rows = Alert.objects.filter(order=order, kind=kind).order_by("pk")
    return list(rows.values_list("mark", flat=True))


@pytest.mark.parametrize(
    ("before", "raised"), [(398, []), (399, ["400"]), (400, []), (499, ["500"]), (500, [])]
)
def test_an_alert_is_raised_if_its_number_is_reached(center, staff, before, raised):
    order = site_license(center)
    change(order, enrolled=before)
    learn(order, staff)
    assert marks(order) == raised


def test_the_numbers_are_the_orders_own(center, staff):
    order = site_license(center)
    set_alerts(order=order, first_alert=1, second_alert=3, by=staff)
    for expected in (["1"], ["1"], ["1", "3"], ["1", "3"]):
        learn(order, staff)
        assert marks(order) == expected


def test_once_per_order_and_number_also_after_people_left(center, staff):
    order = site_license(center)
    set_alerts(order=order, first_alert=2, second_alert=5, by=staff)
    learn(order, staff)
    second = learn(order, staff)
    remove_enrollment(enrollment=second, by=staff)
    learn(order, staff)
    assert marks(order) == ["2"]


def test_a_changed_number_notifies_again(center, staff):
    order = site_license(center)
    set_alerts(order=order, first_alert=1, second_alert=9, by=staff)
    learn(order, staff)
    set_alerts(order=order, first_alert=2, second_alert=9, by=staff)
    learn(order, staff)
    assert marks(order) == ["1", "2"]


def test_limited_licenses_codes_and_teachers_raise_no_such_alert(center, staff):
    limited = factories.order(assigned_to=center, students=100)
    codes = factories.order(factories.CODES, assigned_to=center)
    site = site_license(center)
    for order in (limited, codes, site):
        change(order, first_alert=1, second_alert=2)
    learn(limited, staff)
    factories.redemption(factories.codes(codes)[0])
    enroll_teacher(order=site, user=factories.person(), by=staff)
    assert not Alert.objects.exclude(kind=AlertKind.SEATS).exists()


def test_holder_and_cci_are_notified_once_each(
    center, admin, staff, foreign_admin, hub_admin, django_capture_on_commit_callbacks
):
    order = site_license(center, by=staff)
    change(order, first_alert=2, second_alert=9)
    with django_capture_on_commit_callbacks(execute=True):
        for _time in range(3):
            learn(order, staff)
    sent = [message for message in mail.outbox if "has reached" in message.subject]
    assert sorted(message.to[0] for message in sent) == sorted([admin.user.email, staff.email])
    assert {message.subject for message in sent} == {f"Order {order} has reached 2 students"}
    [to_admin] = [message for message in sent if message.to == [admin.user.email]]
    [to_staff] = [message for message in sent if message.to == [staff.email]]
    for body in (to_admin.body, to_admin.alternatives[0][0]):
        for page in ("usage", "pause", "replace-code"):
            assert f"/inventory/{order}/{page}/" in body
        assert "/admin/" not in body
        assert str(order.teacher_code) not in body
    for body in (to_staff.body, to_staff.alternatives[0][0]):
        for page in ("change", "pause", "replace-code"):
            assert f"/admin/licenses/order/{order.pk}/{page}/" in body


def test_a_supplier_below_cci_is_notified_instead_of_cci(
    hub, center, admin, hub_admin, staff, django_capture_on_commit_callbacks
):
    parent = parent_of(hub, students=None)
    order = allocate(parent, center, hub_admin.user, students=None)
    change(order, first_alert=1, second_alert=9)
    # An administrator of both holder and supplier gets one email.
    factories.member(hub, user=admin.user)
    with django_capture_on_commit_callbacks(execute=True):
        learn(order, staff)
    sent = sorted(m.to[0] for m in mail.outbox if "has reached" in m.subject)
    assert sent == sorted([admin.user.email, hub_admin.user.email])
    assert not Alert.objects.filter(order=parent).exists()


def test_a_student_who_joins_before_a_renewal_starts_counts_there_too(center, staff):
    old = site_license(center)
    change(old, first_alert=3, second_alert=4)
    new = renewed(old, students=None)
    change(new, first_alert=1, second_alert=3)
    learn(old, staff)
    assert (marks(old), marks(new)) == ([], ["1"])


def test_students_carried_over_do_not_repeat_an_alert_of_the_old_order(center, staff):
    old = site_license(center)
    change(old, first_alert=2, second_alert=4)
    for _time in range(3):
        learn(old, staff)
    assert marks(old) == ["2"]
    # Nor by a renewal of the renewal.
    for _time in range(2):
        new = renewed(old, students=None, start_date=factories.today())
        change(new, first_alert=2, second_alert=4)
        new.refresh_from_db()
        copy_enrollments(old=old, new=new)
        assert (new.enrolled, marks(new)) == (3, [])
        old = new
    learn(new, staff)
    assert marks(new) == ["4"]


def test_students_carried_over_raise_only_the_higher_of_two_numbers(center):
    limited = factories.order(assigned_to=center, students=50)
    crowd(limited, 5)
    new = renewed(limited, students=None)
    change(new, first_alert=2, second_alert=4)
    new.refresh_from_db()
    copy_enrollments(old=limited, new=new)
    assert marks(new) == ["4"]


@pytest.fixture
def busy(center, staff):
    """A site license on which one student an hour joined over some days, long enough ago."""
    order = site_license(center, by=staff)
    crowd(order, 40, ago=timedelta(days=2), apart=timedelta(hours=2))
    return order


def test_fast_enrollment_raises_its_alert_once_a_day(
    busy, center, admin, staff, django_capture_on_commit_callbacks
):
    crowd(busy, 28, ago=timedelta(minutes=1), apart=timedelta(minutes=1))
    with django_capture_on_commit_callbacks(execute=True):
        learn(busy, staff)
    assert marks(busy, AlertKind.BURST) == []
    with django_capture_on_commit_callbacks(execute=True):
        learn(busy, staff)
        learn(busy, staff)
    assert marks(busy, AlertKind.BURST) == [factories.today().isoformat()]
    sent = [message for message in mail.outbox if "within an hour" in message.subject]
    assert sorted(m.to[0] for m in sent) == sorted([admin.user.email, staff.email])
    assert {m.subject for m in sent} == {f"Order {busy}: 30 students joined within an hour"}
    # Yesterday's doesn't silence today's.
    Alert.objects.update(mark=factories.days(-1).isoformat())
    learn(busy, staff)
    assert len(marks(busy, AlertKind.BURST)) == 2


def test_joins_of_more_than_an_hour_ago_are_not_fast_enrollment(busy, staff):
    crowd(busy, 29, ago=timedelta(minutes=61), apart=timedelta(0))
    learn(busy, staff)
    assert marks(busy, AlertKind.BURST) == []


def test_students_who_left_since_count_as_joins(busy, staff):
    for each in crowd(busy, 29, ago=timedelta(minutes=1), apart=timedelta(seconds=1)):
        Enrollment.objects.filter(pk=each.pk).update(removed_at=timezone.now())
    learn(busy, staff)
    assert len(marks(busy, AlertKind.BURST)) == 1


def test_a_whole_class_on_a_new_license_is_not_fast_enrollment(center, staff):
    order = site_license(center)
    crowd(order, 34, ago=timedelta(minutes=1), apart=timedelta(minutes=1))
    learn(order, staff)
    assert marks(order, AlertKind.BURST) == []
    crowd(order, 84, ago=timedelta(seconds=1), apart=timedelta(0))
    learn(order, staff)
    assert marks(order, AlertKind.BURST) == [factories.today().isoformat()]


def test_the_last_day_is_not_the_usual(busy, staff):
    # A second class in the afternoon, as large as the morning's.
    crowd(busy, 40, ago=timedelta(hours=20), apart=timedelta(0))
    crowd(busy, 29, ago=timedelta(minutes=1), apart=timedelta(0))
    learn(busy, staff)
    assert len(marks(busy, AlertKind.BURST)) == 1


@pytest.mark.parametrize("ago", [timedelta(days=2), timedelta(days=25)])
def test_fast_enrollment_that_raised_an_alert_does_not_count_as_usual(busy, staff, ago):
    crowd(busy, 29, ago=timedelta(minutes=1), apart=timedelta(0))
    learn(busy, staff)
    # It continues, and raises an alert once a day.
    crowd(busy, 100, ago=timedelta(0), apart=timedelta(0))
    busy.enrollments.filter(enrolled_at__gt=timezone.now() - timedelta(days=1)).update(
        enrolled_at=F("enrolled_at") - ago
    )
    day = timezone.localdate(timezone.now() - ago)
    Alert.objects.update(raised_at=F("raised_at") - ago, mark=day.isoformat())
    crowd(busy, 28, ago=timedelta(minutes=1), apart=timedelta(0))
    learn(busy, staff)
    assert marks(busy, AlertKind.BURST) == [day.isoformat()]
    learn(busy, staff)
    assert marks(busy, AlertKind.BURST) == [day.isoformat(), factories.today().isoformat()]


def test_joins_on_the_days_after_fast_enrollment_are_usual_again(busy, staff):
    began = timezone.now() - timedelta(days=4)
    alert = Alert.objects.create(order=busy, kind=AlertKind.BURST, mark="day", students=99)
    Alert.objects.filter(pk=alert.pk).update(raised_at=began)
    # Two days later a class joins, so five times as many are usual.
    crowd(busy, 30, ago=timedelta(days=2), apart=timedelta(0))
    crowd(busy, 59, ago=timedelta(minutes=1), apart=timedelta(0))
    learn(busy, staff)
    assert marks(busy, AlertKind.BURST) == ["day"]


def test_students_carried_over_are_not_fast_enrollment(busy, staff):
    new = renewed(busy, students=None)
    copy_enrollments(old=busy, new=new)
    change(new, start_date=factories.today())
    learn(new, staff)
    assert new.enrollments.count() == 41
    assert marks(new, AlertKind.BURST) == []


def test_on_a_renewal_with_a_new_code_all_joined_by_themselves(busy, staff, settings):
    settings.BURST = settings.BURST | {"first": 30}
    new = renewed(busy, students=None)
    code = site_license(busy.assigned_to).teacher_code
    change(new, teacher_code=code, start_date=factories.today())
    new.refresh_from_db()
    for enrollment in busy.enrollments.students():
        enroll_student(order=new, user=enrollment.user, by=staff)
    assert len(marks(new, AlertKind.BURST)) == 1


def test_limited_licenses_have_no_fast_enrollment_alert(center, staff):
    order = factories.order(assigned_to=center, students=500)
    crowd(order, 200, ago=timedelta(minutes=1), apart=timedelta(0))
    learn(order, staff)
    assert not Alert.objects.exists()


@pytest.mark.parametrize(
    ("seats", "before", "raised"),
    [
        (10, 6, []),
        (10, 7, ["80% of 10"]),
        (10, 8, []),
        (10, 9, ["100% of 10"]),
        # 80 % of 11 are 8.8.
        (11, 7, []),
        (11, 8, ["80% of 11"]),
        (1, 0, ["100% of 1"]),
    ],
)
def test_limited_licenses_alert_at_80_and_100_percent(center, staff, seats, before, raised):
    order = factories.order(assigned_to=center, students=seats)
    change(order, enrolled=before)
    learn(order, staff)
    assert marks(order, AlertKind.SEATS) == raised


def test_allocated_seats_count_as_taken_and_more_seats_notify_again(hub, center, hub_admin, staff):
    parent = parent_of(hub, students=10)
    allocate(parent, center, hub_admin.user, students=7)
    learn(parent, staff)
    assert marks(parent, AlertKind.SEATS) == ["80% of 10"]
    change(parent, students=11, enrolled=1)
    learn(parent, staff)
    assert marks(parent, AlertKind.SEATS) == ["80% of 10", "80% of 11"]


def test_codes_notify_the_holder_alone(center, admin, staff, django_capture_on_commit_callbacks):
    order = factories.order(factories.CODES, assigned_to=center, number_of_codes=5, by=staff)
    codes = factories.codes(order)
    with django_capture_on_commit_callbacks(execute=True):
        for code in codes:
            factories.redemption(code)
    assert marks(order, AlertKind.SEATS) == ["80% of 5", "100% of 5"]
    sent = [message for message in mail.outbox if "seats are used" in message.subject]
    assert [message.to for message in sent] == [[admin.user.email]] * 2
    assert {message.subject for message in sent} == {
        f"Order {order}: 4 of 5 seats are used",
        f"Order {order}: 5 of 5 seats are used",
    }
    for body in (sent[0].body, sent[0].alternatives[0][0]):
        assert f"/inventory/{order}/edit/" in body
        assert "/email-alerts/" in body
        assert "Once all seats are used, no one else can join." in body
    for body in (sent[1].body, sent[1].alternatives[0][0]):
        assert "No one else can join." in body and "Once all" not in body


def test_joining_costs_the_same_on_a_large_license(
    center, staff, django_assert_num_queries, django_assert_max_num_queries
):
    small, large = site_license(center), site_license(center)
    crowd(large, 300)
    person, other = factories.person(), factories.person()
    small, large = (Order.objects.get(pk=order.pk) for order in (small, large))
    with django_assert_max_num_queries(30) as few:
        enroll_student(order=small, user=person, by=staff)
    with django_assert_num_queries(len(few)):
        enroll_student(order=large, user=other, by=staff)


@pytest.mark.django_db(transaction=True)
def test_several_at_once_raise_one_alert_each():
    staff = factories.staff()
    order = site_license(factories.organization(), by=staff)
    change(order, enrolled=399)
    people = [factories.person() for _n in range(3)]
    results = at_once(
        *(lambda user=user: enroll_student(order=order, user=user, by=staff) for user in people),
        hold=order,
    )
    assert len([each for each in results if isinstance(each, Joined)]) == 3
    order.refresh_from_db()
    assert order.enrolled == 402
    assert marks(order) == ["400"]
    assert [m.subject for m in mail.outbox].count(f"Order {order} has reached 400 students") == 1


@pytest.mark.django_db(transaction=True)
def test_fast_enrollment_at_once_raises_one_alert():
    staff = factories.staff()
    order = site_license(factories.organization(), by=staff)
    crowd(order, 40, ago=timedelta(days=2), apart=timedelta(hours=2))
    crowd(order, 29, ago=timedelta(minutes=1), apart=timedelta(0))
    people = [factories.person() for _n in range(4)]
    at_once(
        *(lambda user=user: enroll_student(order=order, user=user, by=staff) for user in people),
        hold=order,
    )
    assert marks(order, AlertKind.BURST) == [factories.today().isoformat()]
    assert sum("within an hour" in m.subject for m in mail.outbox) == 1
