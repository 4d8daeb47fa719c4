"""Queries for people, as their organization's administrators see them, and their licenses."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, TypeAlias, TypedDict

from django.core.paginator import Page, Paginator
from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Least
from django.utils import timezone
from django.utils.translation import gettext as _

from activation_codes.models import ActivationCode
from jasper_inventory.accounts.models import Membership, Organization, Role, User
from jasper_inventory.accounts.models.users import UserQuerySet
from jasper_inventory.lib.code_format import KEY_LENGTH, code_in, formatted
from jasper_inventory.lib.text_fields import has_words
from jasper_inventory.lib.time_limits import TookTooLong, time_limit
from licenses.models import Enrollment, EnrollmentRole, Order, TeacherCode

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations


class _Until(TypedDict):
    """The last day of an enrollment, which `_as_listed` annotates."""

    until: date | None


if TYPE_CHECKING:
    ListedEnrollment = WithAnnotations[Enrollment, _Until]
    # Of found people, which `PeoplePaginator.page` replaces by rows.
    _Paginator = Paginator[Any]
else:
    ListedEnrollment, _Paginator = Enrollment, Paginator

# A person that a search found: the key of the name, and the primary key.
Found: TypeAlias = tuple[str, int]
# People shown for one search by name. No one reads more pages, and each match takes time.
MOST_NAMED = 1_000
MOST_SECONDS = 2


class TooManyPeople(Exception):
    """More people match than a search shows."""


def people_of(membership: Membership | None) -> UserQuerySet:
    """People with a role in an administrator's own organization, or enrolled on its orders.

    People of sub-organizations aren't included: people belong to their own organization.
    """
    if membership is None or membership.role != Role.ADMINISTRATOR:
        return User.objects.none()
    roles = Membership.objects.visible_to(membership).filter(user=OuterRef("pk"))
    enrollments = Enrollment.objects.visible_to(membership).filter(user=OuterRef("pk"))
    return User.objects.filter(Exists(roles) | Exists(enrollments))


def counts_below(membership: Membership) -> QuerySet[Organization]:
    """Sub-organizations with the numbers of teachers and students on their orders.

    This is all that suppliers learn about people. Each person counts once per organization.
    """
    there = Enrollment.objects.current().filter(order__assigned_to=OuterRef("pk")).order_by()
    scope: QuerySet[Organization] = Organization.objects.visible_to(membership)
    below = scope.exclude(pk=membership.organization_id)
    return below.annotate(
        teachers=_number_of_people(there.teachers()), students=_number_of_people(there.students())
    ).order_by("path")


def _number_of_people(enrollments: QuerySet[Enrollment]) -> Coalesce:
    counted = enrollments.values("order__assigned_to").annotate(number=Count("user", distinct=True))
    return Coalesce(Subquery(counted.values("number")), 0)


class PeoplePaginator(_Paginator):
    """Pages of people that a search found, with their roles and licenses in the organization."""

    def __init__(self, found: Iterable[Found], membership: Membership, per_page: int) -> None:
        super().__init__(sorted(found), per_page)
        self.membership = membership

    def page(self, number: int | str) -> Page[User]:
        """Return a page with everything that its rows show."""
        page = super().page(number)
        people = User.objects.filter(pk__in=[pk for _name, pk in page.object_list])
        enrollments = Enrollment.objects.visible_to(self.membership).only("user")
        page.object_list = people.order_by("folded", "pk").prefetch_related(
            Prefetch("memberships", roles_seen_by(self.membership), to_attr="roles_seen"),
            Prefetch("enrollments", enrollments, to_attr="enrollments_seen"),
        )
        return page


def people_named(typed: str, membership: Membership) -> set[Found]:
    """Find people of the organization whose name, username or email contains each typed word.

    Raises TooManyPeople if there are more than `MOST_NAMED`, or finding them takes too long.
    """
    try:
        with time_limit(MOST_SECONDS):
            return _named(has_words(["user_folded"], typed), membership)
    except TookTooLong as error:
        raise TooManyPeople from error


def _named(condition: Q, membership: Membership) -> set[Found]:
    """Find people by their roles, then those who have only enrollments.

    Both read the organization's part of an index by name, and stop at the limit.
    """
    roles = Membership.objects.visible_to(membership).filter(condition)
    found = _at_most(roles.order_by("user_folded", "user"))
    enrolled = _at_most(Enrollment.objects.visible_to(membership).filter(condition)) - found
    if enrolled:
        # An erased person has no role left.
        there = User.objects.filter(pk__in=[pk for _name, pk in enrolled], erased_at=None)
        found |= set(there.values_list("folded", "pk"))
    if len(found) > MOST_NAMED:
        raise TooManyPeople
    return found


def _at_most(rows: QuerySet[Any]) -> set[Found]:
    found = set(rows.values_list("user_folded", "user").distinct()[: MOST_NAMED + 1])
    if len(found) > MOST_NAMED:
        raise TooManyPeople
    return found


def people_by_code(typed: str, membership: Membership) -> set[Found]:
    """Find who redeemed an activation code or teaches by a teacher code of the organization.

    For a current or replaced group key, its teacher.
    """
    code, key = code_in(typed), code_in(typed, KEY_LENGTH)
    # Their keys first, because the planner would begin with the organization's enrollments.
    codes = list(ActivationCode.objects.filter(code=code).values_list("pk", flat=True))
    seen = Enrollment.objects.visible_to(membership).filter(user__erased_at=None)
    learning = seen.filter(redemption__code__in=codes)
    known = TeacherCode.objects.typed(code).values("pk")
    teaching = seen.filter(role=EnrollmentRole.TEACHER, order__teacher_code__in=known)
    with_key = seen.led_to_by(key)
    ways = [way.values_list("user_folded", "user") for way in (learning, teaching, with_key)]
    return set(ways[0].union(*ways[1:]))


def roles_seen_by(membership: Membership) -> QuerySet[Membership]:
    """Roles that an administrator may see, sorted for lists."""
    roles = Membership.objects.visible_to(membership).select_related("organization")
    return roles.order_by("organization__folded", "organization__path", "role")


def held_at(user: User, membership: Membership) -> QuerySet[ListedEnrollment]:
    """A person's enrollments on the organization's orders, newest first."""
    return _as_listed(Enrollment.objects.visible_to(membership).filter(user=user))


def held_by(user: User) -> QuerySet[ListedEnrollment]:
    """All of a person's enrollments, newest first."""
    return _as_listed(Enrollment.objects.filter(user=user))


def _as_listed(enrollments: QuerySet[Enrollment]) -> QuerySet[ListedEnrollment]:
    """Enrollments with everything a list shows, in a constant number of queries."""
    orders = Order.objects.with_status(timezone.localdate()).select_related("assigned_to")
    return (
        enrollments.select_related("teacher__user", "redemption__code")
        .prefetch_related(Prefetch("order", orders), "course_starts__product__family")
        .annotate(until=Least("ends_on", "order__finish_date"))
        .order_by("-enrolled_at", "-pk")
    )


@dataclass
class Held:
    """A line of a person's page: an enrollment with its activation code and state."""

    enrollment: ListedEnrollment
    code: str
    state: str
    label: str


def lines(enrollments: list[ListedEnrollment]) -> list[Held]:
    """Return the lines of a page."""
    today = timezone.localdate()
    return [
        Held(enrollment, _code(enrollment), *_state(enrollment, today))
        for enrollment in enrollments
    ]


def _code(enrollment: Enrollment) -> str:
    redemption = getattr(enrollment, "redemption", None)
    return formatted(redemption.code.code) if redemption else ""


def _state(enrollment: ListedEnrollment, today: date) -> tuple[str, str]:
    """Return the style and the text of a badge; the order's status is shown separately."""
    if enrollment.removed_at:
        return "withdrawn", _("Removed")
    if enrollment.until and enrollment.until < today:
        return "expired", _("Ended")
    return "available", _("Current")
