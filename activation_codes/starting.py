"""Whether a student may start a course: the rules in order, each passed or failed, and why.

The one answer for the page of courses, for starting one, and for whoever explains it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from activation_codes.models import CodeSettings
from licenses.models import Enrolment, EnrolmentRole

ASK_TEACHER = "teacher"
LINK = "link"
NEW_CODE = "code"
WAIT = "wait"


@dataclass(frozen=True)
class Rule:
    """One rule: what it demands, whether it is met, and if not, why and what is the next step."""

    name: str
    demand: str
    passed: bool
    why: str
    # ASK_TEACHER, LINK (to a teacher), NEW_CODE or WAIT.
    step: str


def rules_of(
    enrolment: Enrolment, *, settings: CodeSettings, has_product: bool, today: date
) -> list[Rule]:
    """All rules for one course of an enrolment, in the order in which they are told.

    No query: `enrolment.order` is at hand. The order's rules together say what
    `Order.objects.in_force` says.
    """
    order = enrolment.order
    days = {"finish": order.finish_date, "start": order.start_date, "ends": enrolment.ends_on}
    return [
        Rule(
            "on_license",
            _("The student is on the license."),
            enrolment.role == EnrolmentRole.STUDENT and enrolment.removed_at is None,
            _("You were taken off the license."),
            ASK_TEACHER,
        ),
        Rule(
            "approved",
            _("The license is approved."),
            order.is_approved,
            _("The license was not approved."),
            ASK_TEACHER,
        ),
        Rule(
            "not_ended",
            _("The license has not ended."),
            order.finish_date is not None and order.finish_date >= today,
            _("The license ended on %(finish)s.") % days,
            NEW_CODE,
        ),
        Rule(
            "own_time",
            _("The student's own time has not ended."),
            enrolment.ends_on is None or enrolment.ends_on >= today,
            _("Your time ended on %(ends)s.") % days,
            NEW_CODE,
        ),
        Rule(
            "not_suspended",
            _("The license is not suspended."),
            not order.is_suspended,
            _("The license is suspended."),
            ASK_TEACHER,
        ),
        Rule(
            "active",
            _("The license is active."),
            order.is_active,
            _("The license is not active now."),
            ASK_TEACHER,
        ),
        Rule(
            "begun",
            _("The license has begun."),
            order.start_date is not None and order.start_date <= today,
            _("The license starts on %(start)s.") % days,
            WAIT,
        ),
        Rule(
            "has_product",
            _("The course is on the license."),
            has_product,
            _("This course is no longer on the license."),
            ASK_TEACHER,
        ),
        Rule(
            "linked",
            _("The student is linked to a teacher, where that is asked for."),
            enrolment.teacher_id is not None or not settings.teacher_required,
            _("Link to a teacher first."),
            LINK,
        ),
    ]


def first_failed(rules: Iterable[Rule]) -> Rule | None:
    """The rule that stands in the way; None: the course may be started."""
    return next((rule for rule in rules if not rule.passed), None)
