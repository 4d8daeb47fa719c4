"""Who teaches and learns on the demo's orders, and since when."""

from activation_codes.code_lookup import own_last_day
from activation_codes.models import ActivationCode, CodeBatch, Redemption
from activation_codes.services.codes import create_codes
from activation_codes.services.redemptions import redeem_code
from jasper_inventory.accounts.models import User
from jasper_inventory.demo.orders import Lot
from jasper_inventory.demo.stage import Stage
from licenses.models import Enrollment, EnrollmentRole, Order
from licenses.services.enrollments import enroll_student, enroll_teacher
from licenses.services.joins import join_by_group_key


def fill(stage: Stage, lot: Lot, order: Order) -> None:
    """Create the codes and put teachers and students on an order, as its line says."""
    by = stage.administrators[lot.to]
    if lot.codes:
        create_codes(order=order, by=by)
        moment = stage.moment(min(lot.start + 1, 0))
        CodeBatch.objects.filter(order=order).update(created_at=moment)
    teachers = [
        enroll_teacher(order=order, user=person, by=by).enrollment
        for person in stage.teachers.get(lot.to, [])[: lot.teachers]
    ]
    students = stage.random.sample(stage.students.get(lot.to, []), lot.students)
    if order.is_codes:
        _redeem(stage, order, students, teachers)
    else:
        for student in students:
            enroll_student(order=order, user=student, by=by, teacher=stage.random.choice(teachers))
    _since(stage, lot, order)


def _redeem(stage: Stage, order: Order, students: list[User], teachers: list[Enrollment]) -> None:
    """Students redeem the order's codes one after the other, and link to a teacher."""
    codes = ActivationCode.objects.filter(order=order).order_by("pk")
    for code, at in zip(codes, range(0, len(students), order.users_per_code), strict=False):
        for student in students[at : at + order.users_per_code]:
            redeem_code(code=code, user=student)
            if teachers:
                key = stage.random.choice(teachers).group_key
                join_by_group_key(typed=str(key), by=student)


def _since(stage: Stage, lot: Lot, order: Order) -> None:
    """Spread the joining over the time since the order's start."""
    last = min(lot.finish, 0)
    enrollments = list(Enrollment.objects.filter(order=order).order_by("role", "pk"))
    for enrollment in enrollments:
        is_teacher = enrollment.role == EnrollmentRole.TEACHER
        joined = lot.start + (last - lot.start) // 12
        if not is_teacher:
            joined = stage.random.randint(joined, max(joined, last - 1))
        enrollment.enrolled_at = stage.moment(joined)
        if enrollment.ends_on:
            enrollment.ends_on = own_last_day(order, stage.day(joined))
    Enrollment.objects.bulk_update(enrollments, ["enrolled_at", "ends_on"])
    redemptions = list(Redemption.objects.filter(code__order=order).select_related("enrollment"))
    for redemption in redemptions:
        redemption.redeemed_at = redemption.enrollment.enrolled_at
    Redemption.objects.bulk_update(redemptions, ["redeemed_at"])
