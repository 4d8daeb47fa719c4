"""Orders that many students joined."""

from datetime import timedelta

from django.utils import timezone

from jasper_inventory.accounts.models import User
from licenses.models import Enrollment, EnrollmentRole, Order
from licenses.services.enrollments import enroll_student
from tests import factories
from tests.helpers import change

STUDENT = EnrollmentRole.STUDENT


def site_license(center, **values):
    return factories.order(assigned_to=center, students=None, **values)


def crowd(order, number, *, ago=timedelta(days=60), apart=timedelta(minutes=61)):
    """Enroll this number of students, as if they had joined one after the other until then."""
    at = User.objects.count()
    people = User.objects.bulk_create(
        [User(username=f"crowd{at + n}", password="!") for n in range(number)]
    )
    made = Enrollment.objects.bulk_create(
        [Enrollment(order=order, user=person, role=STUDENT) for person in people]
    )
    for n, each in enumerate(made):
        each.enrolled_at = timezone.now() - ago - n * apart
    Enrollment.objects.bulk_update(made, ["enrolled_at"])
    change(order, enrolled=Order.objects.get(pk=order.pk).enrolled + number)
    order.refresh_from_db()
    return made


def learn(order, by=None):
    by = by or factories.staff()
    return enroll_student(order=order, user=factories.person(), by=by).enrollment
