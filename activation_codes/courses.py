"""A student's courses, and the rules by which they may be started today."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Case, Exists, OuterRef, Q, QuerySet, Value, When
from django.utils.translation import gettext as _

from activation_codes.code_lookup import parts_of
from activation_codes.models import CodeSettings, CourseStart
from activation_codes.settings import settings_of_all
from jasper_inventory.accounts.models import User
from licenses.checks import InForce, has_time_left, is_on_license
from licenses.models import Enrollment, EnrollmentRole, Order, OrderProduct, Product

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


@dataclass(frozen=True)
class Course:
    """A course that a student has."""

    product: Product
    started_at: datetime | None


@dataclass(frozen=True)
class License:
    """An enrollment of a student, as its courses' page tells it."""

    enrollment: Enrollment
    courses: list[Course]
    # The rule that stands in the way of starting its courses; None: they may be started.
    failed: Rule | None
    parts: list[str]
    ends_on: date
    is_expired: bool


def learning_of(user: User, today: date) -> QuerySet[Enrollment]:
    """A student's enrollments: those that have not ended first, then the ones that ended last.

    Being taken off ends one as well; it is left out once the student has come back to the order.
    """
    ended = Q(ends_on__lt=today) | Q(order__finish_date__lt=today) | Q(removed_at__isnull=False)
    mine = Enrollment.objects.students().filter(user=user)
    later = mine.filter(order=OuterRef("order"), pk__gt=OuterRef("pk"))
    return (
        mine.filter(Q(removed_at=None) | ~Exists(later))
        .annotate(is_expired=Case(When(ended, then=Value(True)), default=Value(False)))
        .select_related("order__assigned_to", "teacher__user")
        .order_by("is_expired", "-enrolled_at", "-pk")
    )


def has_courses(user: User) -> bool:
    """Whether the person learns on any license, or did."""
    return Enrollment.objects.students().filter(user=user).exists()


def licenses_of(enrollments: list[Enrollment], today: date) -> list[License]:
    """Enrollments of `learning_of` with their courses, by three queries whatever their number."""
    orders = {enrollment.order_id: enrollment.order for enrollment in enrollments}
    settings = settings_of_all(orders.values())
    products: dict[int, list[Product]] = {pk: [] for pk in orders}
    mix = OrderProduct.objects.filter(order__in=orders).select_related("product__family")
    for row in mix.order_by(*(f"product__{field}" for field in Product._meta.ordering)):
        products[row.order_id].append(row.product)
    starts = {
        (start.enrollment_id, start.product_id): start.last_started_at
        for start in CourseStart.objects.filter(enrollment__in=enrollments)
    }
    licenses = []
    for enrollment in enrollments:
        of_order = settings[enrollment.order_id]
        rules = rules_of(enrollment, settings=of_order, has_product=True, today=today)
        licenses.append(
            License(
                enrollment=enrollment,
                courses=[
                    Course(product, starts.get((enrollment.pk, product.pk)))
                    for product in products[enrollment.order_id]
                ],
                failed=first_failed(rules),
                parts=parts_of(of_order),
                ends_on=enrollment.last_day,
                is_expired=enrollment.is_expired,
            )
        )
    return licenses


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
