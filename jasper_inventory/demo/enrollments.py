"""Enrollments of the demo: teachers, students, redeemed codes and started courses."""

from datetime import datetime, timedelta

from django.contrib.auth.hashers import make_password
from django.db.models import F
from django.utils import timezone

from activation_codes.models import ActivationCode, CodeBatch, CourseStart, Redemption
from activation_codes.services.codes import create_codes, save_settings
from activation_codes.services.courses import start_course
from activation_codes.services.redemptions import redeem_code
from jasper_inventory.accounts.models import Membership, Organization, Role, User
from jasper_inventory.demo.dataset import CROWD, LEARNING, LearningRow, OrderRow
from jasper_inventory.demo.stage import Stage
from jasper_inventory.lib.audit import audited
from licenses.models import Alert, AlertKind, Enrollment, EnrollmentRole, InventoryType, Order
from licenses.models.code_settings import CODE_SETTINGS
from licenses.services.enrollments import enroll_student, enroll_teacher
from licenses.services.joins import join_by_group_key
from licenses.services.orders import assign_order
from licenses.terms import Terms

LEARNING_CENTER = "maple"


def fill_order(stage: Stage, row: OrderRow, order: Order) -> None:
    """Create an order's codes and enroll teachers and students."""
    by = stage.administrators[row.to]
    if row.create_codes:
        create_codes(order=order, by=by)
        moment = stage.moment(min(row.start + 1, 0))
        CodeBatch.objects.filter(order=order).update(created_at=moment)
    teachers = [
        enroll_teacher(order=order, user=person, by=by).enrollment
        for person in stage.teachers[row.to][: row.teachers]
    ]
    students = stage.random.sample(stage.students[row.to], row.students)
    if order.is_codes:
        _redeem(stage, order, students, teachers)
    else:
        for student in students:
            enroll_student(order=order, user=student, by=by, teacher=stage.random.choice(teachers))
    _date_enrollments(stage, row, order)


def _redeem(stage: Stage, order: Order, students: list[User], teachers: list[Enrollment]) -> None:
    """Redeem the order's codes one after the other, and link each student to a teacher."""
    codes = ActivationCode.objects.filter(order=order).order_by("pk")
    users = order.users_per_code or 1
    for code, at in zip(codes, range(0, len(students), users), strict=False):
        for student in students[at : at + users]:
            redeem_code(code=code, user=student)
            if teachers:
                key = stage.random.choice(teachers).group_key
                join_by_group_key(typed=str(key), by=student)


def _date_enrollments(stage: Stage, row: OrderRow, order: Order) -> None:
    """Spread the enrollments over the time since the order's start."""
    last = min(row.finish, 0)
    enrollments = list(Enrollment.objects.filter(order=order).order_by("role", "pk"))
    for enrollment in enrollments:
        joined = row.start + (last - row.start) // 12
        if enrollment.role != EnrollmentRole.TEACHER:
            joined = stage.random.randint(joined, max(joined, last - 1))
        enrollment.enrolled_at = stage.moment(joined)
        if enrollment.ends_on:
            enrollment.ends_on = order.own_last_day(stage.day(joined))
    Enrollment.objects.bulk_update(enrollments, ["enrolled_at", "ends_on"])
    redemptions = list(Redemption.objects.filter(code__order=order).select_related("enrollment"))
    for redemption in redemptions:
        redemption.redeemed_at = redemption.enrollment.enrolled_at
    Redemption.objects.bulk_update(redemptions, ["redeemed_at"])


def add_learning(stage: Stage) -> None:
    """Create the demo's student with courses that can be started, are blocked, and have ended."""
    student = stage.create_student("student", "Noor Haddad", LEARNING_CENTER)
    for row in LEARNING:
        _learn(stage, row, student)


def _learn(stage: Stage, row: LearningRow, student: User) -> None:
    by = stage.administrators[LEARNING_CENTER]
    products = list(stage.products[row.family].values())
    order = assign_order(
        assigned_to=stage.organizations[LEARNING_CENTER],
        inventory_type=InventoryType.USER_ACTIVATION_CODES,
        products=products,
        terms=Terms(
            start_date=stage.day(row.start),
            finish_date=stage.day(row.finish),
            number_of_codes=10,
            users_per_code=1,
            duration=row.duration,
        ),
        purchase_order=row.purchase_order,
        by=stage.sue,
    )
    Order.objects.filter(pk=order.pk).update(reviewed_at=stage.moment(row.start - 2))
    create_codes(order=order, by=by)
    teacher = enroll_teacher(order=order, user=stage.teachers[LEARNING_CENTER][0], by=by)
    redemption = redeem_code(code=order.activation_codes.all()[0], user=student)
    if row.is_linked:
        with audited("student.linked", by=student):
            Enrollment.objects.filter(pk=redemption.enrollment_id).update(
                teacher=teacher.enrollment
            )
    for product in products[: row.courses_started]:
        start_course(enrollment=redemption.enrollment, product=product, by=student)
    if row.boxes_off:
        boxes = {box: box not in row.boxes_off for box in CODE_SETTINGS}
        save_settings(order=order, boxes=boxes, by=by)
    _date_learning(stage, row, redemption)


def _date_learning(stage: Stage, row: LearningRow, redemption: Redemption) -> None:
    moment = stage.moment(-row.ago)
    ends_on = stage.day(-row.ago) + timedelta(days=row.duration)
    Redemption.objects.filter(pk=redemption.pk).update(redeemed_at=moment)
    Enrollment.objects.filter(pk=redemption.enrollment_id).update(
        enrolled_at=moment, ends_on=ends_on
    )
    CourseStart.objects.filter(enrollment=redemption.enrollment_id).update(
        started_at=moment, last_started_at=stage.moment(-row.ago + 2)
    )


def add_crowd(stage: Stage, order: Order) -> None:
    """Bring a site license close to its first alert, with an earlier alert of a busy hour.

    The students are written in bulk, because enrolling each would take most of the loading time.
    """
    moments = _crowd_moments(stage)
    with audited("student.enrolled", by=stage.administrators["maple"]):
        people = _create_crowd(stage, order.assigned_to, len(moments))
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
        for enrollment in stage.random.sample(enrollments, CROWD.left):
            enrollment.removed_at = min(enrollment.enrolled_at + timedelta(days=6), stage.now)
        Enrollment.objects.bulk_update(enrollments, ["enrolled_at", "removed_at"])
        current = len(people) - CROWD.left
        Order.objects.filter(pk=order.pk).update(enrolled=F("enrolled") + current)
    day, number = CROWD.burst
    raised_at = max(moment for moment in moments if timezone.localdate(moment) == stage.day(day))
    alert = Alert.objects.create(
        order=order, kind=AlertKind.BURST, mark=stage.day(day).isoformat(), students=number
    )
    Alert.objects.filter(pk=alert.pk).update(raised_at=raised_at)


def _crowd_moments(stage: Stage) -> list[datetime]:
    """Return when each student joined, in order."""
    moments = [stage.moment(stage.random.randint(-65, -1)) for _one in range(CROWD.alone)]
    for day, number in [*CROWD.lessons, CROWD.burst]:
        lesson = stage.moment(day)
        moments += [
            lesson + timedelta(seconds=stage.random.randint(0, 2400)) for _one in range(number)
        ]
    return sorted(moments)


def _create_crowd(stage: Stage, center: Organization, number: int) -> list[User]:
    """Create students of a center, without passwords; usernames are numbered, as names repeat."""
    unusable = make_password(None)
    people = []
    for at in range(1, number + 1):
        first_name, last_name = stage.random_names()
        person = User(
            username=f"pupil{at}",
            first_name=first_name,
            last_name=last_name,
            email=f"pupil{at}@maple-ridge.example.org",
            password=unusable,
        )
        people.append(person)
    people = User.objects.bulk_create(people)
    Membership.objects.bulk_create(
        Membership(user=person, organization=center, role=Role.STUDENT) for person in people
    )
    return people
