"""A site license that grew: classes in their first lessons, single students, one hour too busy.

Its students are written in bulk, as enrolling each would take the demo most of its time.
"""

from datetime import datetime, timedelta

from django.contrib.auth.hashers import make_password
from django.db.models import F
from django.utils import timezone

from jasper_inventory.accounts.models import Membership, Organization, Role, User
from jasper_inventory.demo.people import FIRST_NAMES, LAST_NAMES
from jasper_inventory.demo.stage import Stage
from jasper_inventory.lib.audit import audited
from licenses.models import Alert, AlertKind, Enrollment, EnrollmentRole, Order

# Days from the day of loading: how many joined in one lesson.
LESSONS = {-68: 28, -67: 26, -66: 31, -61: 24, -60: 27, -54: 22, -47: 25, -33: 24}
# The code had been posted in a chat.
BURST = {-9: 58}
SINGLES, LEFT = 118, 10


def gather(stage: Stage, order: Order) -> None:
    """Bring an unlimited order of a center near its first alert, with one of a burst behind it."""
    moments = _moments(stage)
    with audited("student.enrolled", by=stage.administrators["maple"]):
        people = _people(stage, order.assigned_to, len(moments))
        teachers = list(order.enrollments.current().filter(role=EnrollmentRole.TEACHER))
        enrollments = Enrollment.objects.bulk_create(
            Enrollment(
                order=order,
                user=person,
                role=EnrollmentRole.STUDENT,
                teacher=stage.random.choice(teachers),
            )
            for person in people
        )
        for enrollment, moment in zip(enrollments, moments, strict=True):
            enrollment.enrolled_at = moment
        for enrollment in stage.random.sample(enrollments, LEFT):
            enrollment.removed_at = min(enrollment.enrolled_at + timedelta(days=6), stage.now)
        Enrollment.objects.bulk_update(enrollments, ["enrolled_at", "removed_at"])
        Order.objects.filter(pk=order.pk).update(enrolled=F("enrolled") + len(people) - LEFT)
    [(day, number)] = BURST.items()
    raised_at = max(moment for moment in moments if timezone.localdate(moment) == stage.day(day))
    alert = Alert.objects.create(
        order=order, kind=AlertKind.BURST, mark=stage.day(day).isoformat(), students=number
    )
    Alert.objects.filter(pk=alert.pk).update(raised_at=raised_at)


def _moments(stage: Stage) -> list[datetime]:
    """When each of them joined, the first one first."""
    moments = [stage.moment(stage.random.randint(-65, -1)) for _one in range(SINGLES)]
    for day, number in {**LESSONS, **BURST}.items():
        lesson = stage.moment(day)
        moments += [
            lesson + timedelta(seconds=stage.random.randint(0, 2400)) for _one in range(number)
        ]
    return sorted(moments)


def _people(stage: Stage, center: Organization, number: int) -> list[User]:
    """Pupils of a center, without password; many share their names, so usernames are counted."""
    nobody = make_password(None)
    people = User.objects.bulk_create(
        User(
            username=f"pupil{at}",
            first_name=stage.random.choice(FIRST_NAMES.split()),
            last_name=stage.random.choice(LAST_NAMES.split()),
            email=f"pupil{at}@maple-ridge.example.org",
            password=nobody,
        )
        for at in range(1, number + 1)
    )
    Membership.objects.bulk_create(
        Membership(user=person, organization=center, role=Role.STUDENT) for person in people
    )
    return people
