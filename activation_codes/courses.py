"""A student's courses: the products of each license, and whether they may be started today."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Case, Exists, OuterRef, Q, QuerySet, Value, When

from activation_codes.code_lookup import parts_of
from activation_codes.models import CourseStart
from activation_codes.settings import settings_of_all
from activation_codes.starting import Rule, first_failed, rules_of
from jasper_inventory.accounts.models import User
from licenses.models import Enrollment, OrderProduct, Product


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
