"""A student's courses, and the rules for starting them today."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, TypedDict

from django.db.models import Case, Exists, OuterRef, Q, QuerySet, Value, When
from django.utils.translation import gettext as _

from activation_codes.models import CourseStart
from jasper_inventory.accounts.models import User
from jasper_inventory.lib.days import in_words
from licenses.checks import InForce, has_time_left, is_on_license
from licenses.models import Enrollment, EnrollmentRole, Order, OrderProduct, Product

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

ASK_TEACHER = "teacher"
LINK = "link"
NEW_CODE = "code"
WAIT = "wait"


@dataclass(frozen=True)
class Rule:
    """A rule, whether it is met, and if not, why and the next step."""

    name: str
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
    """A student's enrollment as shown on My Courses."""

    enrollment: Enrollment
    courses: list[Course]
    # The failed rule that prevents starting its courses, or None.
    failed: Rule | None
    parts: list[str]
    ends_on: date
    # Until the last day, which counts as 0.
    days_left: int
    is_expired: bool


class _IsExpired(TypedDict):
    is_expired: bool


if TYPE_CHECKING:
    # Annotated by `learning_of`.
    Learning = WithAnnotations[Enrollment, _IsExpired]
else:
    Learning = Enrollment


def learning_of(user: User, today: date) -> QuerySet[Learning]:
    """Return a student's enrollments: current ones first, then ended ones, newest first.

    A removed enrollment counts as ended, and is left out if the student rejoined the order.
    """
    ended = Q(ends_on__lt=today) | Q(order__finish_date__lt=today) | Q(removed_at__isnull=False)
    mine: QuerySet[Enrollment] = Enrollment.objects.students().filter(user=user)
    later = mine.filter(order=OuterRef("order"), pk__gt=OuterRef("pk"))
    return (
        mine.filter(Q(removed_at=None) | ~Exists(later))
        .annotate(is_expired=Case(When(ended, then=Value(True)), default=Value(False)))
        .select_related("order__assigned_to", "teacher__user")
        .order_by("is_expired", "-enrolled_at", "-pk")
    )


def has_courses(user: User) -> bool:
    """Whether the person is or was a student on any license."""
    return Enrollment.objects.students().filter(user=user).exists()


def licenses_of(enrollments: list[Learning], today: date) -> list[License]:
    """Return enrollments of `learning_of` with their courses, always with two queries."""
    orders = {enrollment.order_id: enrollment.order for enrollment in enrollments}
    products: dict[int, list[Product]] = {pk: [] for pk in orders}
    mix = OrderProduct.objects.filter(order__in=orders).select_related("product__family")
    for row in mix.order_by(*(f"product__{field}" for field in Product._meta.ordering or ())):
        products[row.order_id].append(row.product)
    starts = {
        (start.enrollment_id, start.product_id): start.last_started_at
        for start in CourseStart.objects.filter(enrollment__in=enrollments)
    }
    licenses = []
    for enrollment in enrollments:
        rules = rules_of(enrollment, has_product=True, today=today)
        licenses.append(
            License(
                enrollment=enrollment,
                courses=[
                    Course(product, starts.get((enrollment.pk, product.pk)))
                    for product in products[enrollment.order_id]
                ],
                failed=first_failed(rules),
                parts=enrollment.order.course_parts,
                ends_on=enrollment.last_day,
                days_left=max((enrollment.last_day - today).days, 0),
                is_expired=enrollment.is_expired,
            )
        )
    return licenses


def rules_of(enrollment: Enrollment, *, has_product: bool, today: date) -> list[Rule]:
    """Return all rules for one course of an enrollment, the most important first.

    Without a query if `enrollment.order` is loaded.
    """
    return [
        Rule(
            "on_license",
            enrollment.role == EnrollmentRole.STUDENT and is_on_license(enrollment),
            _("You were removed from the license."),
            ASK_TEACHER,
        ),
        Rule(
            "own_time",
            has_time_left(enrollment, today),
            _("Your access ended on %(day)s.") % {"day": in_words(enrollment.ends_on)},
            NEW_CODE,
        ),
        *order_rules(enrollment.order, today),
        Rule(
            "has_product",
            has_product,
            _("This course is no longer on the license."),
            ASK_TEACHER,
        ),
        Rule(
            "linked",
            is_linked(enrollment),
            _("Link to a teacher first."),
            LINK,
        ),
    ]


def is_linked(enrollment: Enrollment) -> bool:
    """Whether the student is linked to a teacher, if the license requires it."""
    return enrollment.teacher_id is not None or not enrollment.order.teacher_required


def order_rules(order: Order, today: date) -> list[Rule]:
    """Return the rules for the license itself, worded for students."""
    holds = InForce.of(order, today)
    return [
        Rule(
            "approved",
            holds.approved,
            _("The license was not approved."),
            ASK_TEACHER,
        ),
        Rule(
            "not_ended",
            holds.not_ended,
            _("The license ended on %(day)s.") % {"day": in_words(order.finish_date)},
            NEW_CODE,
        ),
        Rule(
            "not_suspended",
            holds.not_suspended,
            _("The license is suspended."),
            ASK_TEACHER,
        ),
        Rule(
            "active",
            holds.active,
            _("The license is not active."),
            ASK_TEACHER,
        ),
        Rule(
            "begun",
            holds.begun,
            _("The license starts on %(day)s.") % {"day": in_words(order.start_date)},
            WAIT,
        ),
    ]


def first_failed(rules: Iterable[Rule]) -> Rule | None:
    """Return the first failed rule, or None if the course may be started."""
    return next((rule for rule in rules if not rule.passed), None)
