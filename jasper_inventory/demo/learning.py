"""A pupil of Maple Ridge who learns: courses that are open, held back and ended."""

from dataclasses import dataclass
from datetime import timedelta

from activation_codes.models import CourseStart, Redemption
from activation_codes.services.codes import create_codes, save_settings
from activation_codes.services.courses import start_course
from activation_codes.services.redemptions import redeem_code
from jasper_inventory.accounts.models import User
from jasper_inventory.demo.orders import CODES, M365, O13, O16
from jasper_inventory.demo.stage import Stage
from jasper_inventory.lib.audit import audited
from licenses.models import Enrollment, Order
from licenses.models.code_settings import CODE_SETTINGS
from licenses.services.enrollments import enroll_teacher
from licenses.services.orders import assign_order
from licenses.terms import Terms

CENTER_KEY = "maple"
PUPIL = "student"


@dataclass(frozen=True, kw_only=True)
class Learning:
    """An order of activation codes, one of which the pupil has redeemed `ago` days ago."""

    purchase_order: str
    family: str
    start: int
    finish: int
    ago: int
    duration: int
    off: tuple[str, ...] = ()
    is_linked: bool = False
    # How many of its courses the pupil has started.
    started: int = 0


LEARNING = [
    Learning(
        purchase_order="MRSS-401",
        family=M365,
        start=-60,
        finish=305,
        ago=40,
        duration=180,
        is_linked=True,
        started=2,
    ),
    Learning(
        purchase_order="MRSS-409",
        family=O16,
        start=-20,
        finish=345,
        ago=3,
        duration=120,
        # Left on: the teacher is required.
        off=("enable_benchmark",),
    ),
    Learning(
        purchase_order="MRSS-377",
        family=O13,
        start=-300,
        finish=65,
        ago=200,
        duration=90,
        is_linked=True,
        started=3,
    ),
]


def tell(stage: Stage) -> None:
    """Make the pupil's account and what it holds, in the caller's transaction."""
    pupil = stage.pupil(PUPIL, "Noor", "Haddad", CENTER_KEY)
    for learning in LEARNING:
        _learn(stage, learning, pupil)


def _learn(stage: Stage, learning: Learning, pupil: User) -> None:
    by = stage.administrators[CENTER_KEY]
    order = assign_order(
        assigned_to=stage.organizations[CENTER_KEY],
        inventory_type=CODES,
        products=list(stage.products[learning.family].values()),
        terms=Terms(
            start_date=stage.day(learning.start),
            finish_date=stage.day(learning.finish),
            number_of_codes=10,
            users_per_code=1,
            duration=learning.duration,
        ),
        purchase_order=learning.purchase_order,
        by=stage.sue,
    )
    Order.objects.filter(pk=order.pk).update(reviewed_at=stage.moment(learning.start - 2))
    create_codes(order=order, by=by)
    teacher = enroll_teacher(order=order, user=stage.teachers[CENTER_KEY][0], by=by)
    redemption = redeem_code(code=order.activation_codes.all()[0], user=pupil)
    if learning.is_linked:
        with audited("student.linked", by=pupil):
            Enrollment.objects.filter(pk=redemption.enrollment_id).update(
                teacher=teacher.enrollment
            )
    for product in list(stage.products[learning.family].values())[: learning.started]:
        start_course(enrollment=redemption.enrollment, product=product, by=pupil)
    if learning.off:
        boxes = {box: box not in learning.off for box in CODE_SETTINGS}
        save_settings(order=order, boxes=boxes, by=by)
    _long_ago(stage, learning, redemption)


def _long_ago(stage: Stage, learning: Learning, redemption: Redemption) -> None:
    """What was done just now was done some days ago."""
    moment = stage.moment(-learning.ago)
    ends_on = stage.day(-learning.ago) + timedelta(days=learning.duration)
    Redemption.objects.filter(pk=redemption.pk).update(redeemed_at=moment)
    Enrollment.objects.filter(pk=redemption.enrollment_id).update(
        enrolled_at=moment, ends_on=ends_on
    )
    CourseStart.objects.filter(enrollment=redemption.enrollment_id).update(
        started_at=moment, last_started_at=stage.moment(-learning.ago + 2)
    )
