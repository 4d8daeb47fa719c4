"""People, as their own organization's administrators see them; what a person holds."""

from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Least
from django.utils import timezone
from django.utils.translation import gettext as _

from activation_codes.models import ActivationCode
from jasper_inventory.accounts.models import Membership, Organization, Role, User
from jasper_inventory.lib.code_format import KEY_LENGTH, code_in, formatted
from licenses.models import Enrollment, EnrollmentRole, Order, TeacherCode


def people_of(membership: Membership | None) -> QuerySet[User]:
    """People with a role at an administrator's own organization, or enrolled on its orders.

    Nobody of its sub-organizations: people belong to their own organization.
    """
    if membership is None or membership.role != Role.ADMINISTRATOR:
        return User.objects.none()
    roles = Membership.objects.visible_to(membership).filter(user=OuterRef("pk"))
    enrollments = Enrollment.objects.visible_to(membership).filter(user=OuterRef("pk"))
    return User.objects.filter(Exists(roles) | Exists(enrollments))


def counts_below(membership: Membership) -> QuerySet[Organization]:
    """The sub-organizations with how many teachers and students each has on its orders.

    All that a supplier learns of people. Each person counts once per organization.
    """
    there = Enrollment.objects.current().filter(order__assigned_to=OuterRef("pk")).order_by()
    below = Organization.objects.visible_to(membership).exclude(pk=membership.organization_id)
    return below.annotate(
        teachers=_number_of_people(there.teachers()), students=_number_of_people(there.students())
    ).order_by("path")


def _number_of_people(enrollments: QuerySet[Enrollment]) -> Coalesce:
    counted = enrollments.values("order__assigned_to").annotate(number=Count("user", distinct=True))
    return Coalesce(Subquery(counted.values("number")), 0)


def found_people(people: QuerySet[User], membership: Membership) -> QuerySet[User]:
    """Those that a search may show, with their roles and licenses at the organization."""
    enrollments = Enrollment.objects.visible_to(membership).only("user")
    return (
        people.filter(erased_at=None)
        # Not counted in the query: it would count for each match before it takes a page of them.
        .prefetch_related(
            Prefetch("memberships", roles_seen_by(membership), to_attr="roles_seen"),
            Prefetch("enrollments", enrollments, to_attr="enrollments_seen"),
        )
        .order_by("folded", "pk")
    )


def people_named(typed: str, membership: Membership) -> QuerySet[User]:
    """The organization's people whose name, username or email has each typed word in it."""
    return found_people(people_of(membership).named(typed), membership)


def people_by_code(typed: str, membership: Membership) -> QuerySet[User]:
    """The people who redeemed an activation code of the organization, or teach by its teacher code.

    For a group key, replaced or not, its teacher.
    """
    code, key = code_in(typed), code_in(typed, KEY_LENGTH)
    codes = ActivationCode.objects.filter(code=code)
    seen = Enrollment.objects.visible_to(membership)
    learning = seen.filter(redemption__code__in=codes)
    known = TeacherCode.objects.typed(code).values("pk")
    teaching = seen.filter(role=EnrollmentRole.TEACHER, order__teacher_code__in=known)
    with_key = seen.led_to_by(key)
    users = Q()
    for enrollments in (learning, teaching, with_key):
        users |= Q(pk__in=enrollments.values("user"))
    return found_people(User.objects.filter(users), membership)


def roles_seen_by(membership: Membership) -> QuerySet[Membership]:
    """The roles that an administrator may see, as they are listed."""
    roles = Membership.objects.visible_to(membership).select_related("organization")
    return roles.order_by("organization__folded", "organization__path", "role")


def held_at(user: User, membership: Membership) -> QuerySet[Enrollment]:
    """A person's enrollments on the organization's orders, the newest first."""
    return _as_listed(Enrollment.objects.visible_to(membership).filter(user=user))


def held_by(user: User) -> QuerySet[Enrollment]:
    """All of a person's enrollments, the newest first."""
    return _as_listed(Enrollment.objects.filter(user=user))


def _as_listed(enrollments: QuerySet[Enrollment]) -> QuerySet[Enrollment]:
    """With what a list shows, in as many queries for many as for one."""
    orders = (
        Order.objects.with_status(timezone.localdate())
        .select_related("assigned_to")
        .prefetch_related("products__family")
    )
    return (
        enrollments.select_related("teacher__user", "redemption__code")
        .prefetch_related(Prefetch("order", orders), "course_starts__product__family")
        .annotate(until=Least("ends_on", "order__finish_date"))
        .order_by("-enrolled_at", "-pk")
    )


@dataclass
class Held:
    """A line of a person's page: an enrollment, its activation code, and its state."""

    enrollment: Enrollment
    code: str
    state: str
    label: str


def lines(enrollments: list[Enrollment]) -> list[Held]:
    """The lines of a page."""
    today = timezone.localdate()
    return [
        Held(enrollment, _code(enrollment), *_state(enrollment, today))
        for enrollment in enrollments
    ]


def _code(enrollment: Enrollment) -> str:
    redemption = getattr(enrollment, "redemption", None)
    return formatted(redemption.code.code) if redemption else ""


def _state(enrollment, today):
    """A badge's look, and what it says. The order's own status stands beside its number."""
    if enrollment.removed_at:
        return "withdrawn", _("Taken off")
    if enrollment.until and enrollment.until < today:
        return "expired", _("Ended")
    return "available", _("Current")
