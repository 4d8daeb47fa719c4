"""Whether a student may start a course: the rules in order, each passed or failed, and why.

The one answer for the page of courses, for starting one, and for whoever explains it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from activation_codes.models import CodeSettings
from licenses.checks import InForce, has_time_left, is_on_license
from licenses.models import Enrollment, EnrollmentRole, Order

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
    enrollment: Enrollment, *, settings: CodeSettings, has_product: bool, today: date
) -> list[Rule]:
    """All rules for one course of an enrollment, in the order in which they are told.

    No query: `enrollment.order` is at hand.
    """
    return [
        Rule(
            "on_license",
            _("The student is on the license."),
            enrollment.role == EnrollmentRole.STUDENT and is_on_license(enrollment),
            _("You were taken off the license."),
            ASK_TEACHER,
        ),
        Rule(
            "own_time",
            _("The student's own time has not ended."),
            has_time_left(enrollment, today),
            _("Your time ended on %(day)s.") % {"day": enrollment.ends_on},
            NEW_CODE,
        ),
        *order_rules(enrollment.order, today),
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
            is_linked(enrollment, settings),
            _("Link to a teacher first."),
            LINK,
        ),
    ]


def is_linked(enrollment: Enrollment, settings: CodeSettings) -> bool:
    """Whether the student is linked to a teacher, where that is asked for."""
    return enrollment.teacher_id is not None or not settings.teacher_required


def order_rules(order: Order, today: date) -> list[Rule]:
    """What is asked of the license itself: in the words that students read."""
    holds = InForce.of(order, today)
    return [
        Rule(
            "approved",
            _("The license is approved."),
            holds.approved,
            _("The license was not approved."),
            ASK_TEACHER,
        ),
        Rule(
            "not_ended",
            _("The license has not ended."),
            holds.not_ended,
            _("The license ended on %(day)s.") % {"day": order.finish_date},
            NEW_CODE,
        ),
        Rule(
            "not_suspended",
            _("The license is not suspended."),
            holds.not_suspended,
            _("The license is suspended."),
            ASK_TEACHER,
        ),
        Rule(
            "active",
            _("The license is active."),
            holds.active,
            _("The license is not active now."),
            ASK_TEACHER,
        ),
        Rule(
            "begun",
            _("The license has begun."),
            holds.begun,
            _("The license starts on %(day)s.") % {"day": order.start_date},
            WAIT,
        ),
    ]


def first_failed(rules: Iterable[Rule]) -> Rule | None:
    """The rule that stands in the way; None: the course may be started."""
    return next((rule for rule in rules if not rule.passed), None)
