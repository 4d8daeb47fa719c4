"""What a person holds: of an administrator's scope, or all of it for the person."""

from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.db.models.functions import Least
from django.utils import timezone
from django.utils.translation import gettext as _

from activation_codes.models import ActivationCode
from jasper_inventory.accounts.models import Membership, Role, User
from jasper_inventory.lib.codes import KEY_LENGTH, code_in, formatted
from licenses.models import Enrolment, EnrolmentRole, Order, TeacherCode

# Of a code that belongs to another organization; the rest tells it from others.
MASK = "•••••-••••-"


def people_in_scope(membership: Membership | None) -> QuerySet[User]:
    """Who has, or had, something at an organization of an administrator's scope."""
    if membership is None or membership.role != Role.ADMINISTRATOR:
        return User.objects.none()
    roles = Membership.objects.visible_to(membership).filter(user=OuterRef("pk"))
    enrolments = _enrolments_in_scope(membership).filter(user=OuterRef("pk"))
    return User.objects.filter(Exists(roles) | Exists(enrolments))


def found_people(people: QuerySet[User], membership: Membership) -> QuerySet[User]:
    """Those that a search may show, with their roles and licenses of the scope."""
    enrolments = _enrolments_in_scope(membership).only("user")
    return (
        people.filter(erased_at=None)
        # Not counted in the query: it would count for each match before it takes a page of them.
        .prefetch_related(
            Prefetch("memberships", roles_in_scope(membership), to_attr="roles_in_scope"),
            Prefetch("enrolments", enrolments, to_attr="enrolments_in_scope"),
        )
        .order_by("folded", "pk")
    )


def people_named(typed: str, membership: Membership) -> QuerySet[User]:
    """The people of the scope whose name, user name or e-mail has each typed word in it."""
    return found_people(people_in_scope(membership).named(typed), membership)


def people_by_code(typed: str, membership: Membership) -> QuerySet[User]:
    """Who used an activation code of an order of the scope, or teaches by its teacher code.

    Of a group key, replaced or not, its teacher.
    """
    code, key = code_in(typed), code_in(typed, KEY_LENGTH)
    codes = ActivationCode.objects.visible_to(membership).filter(code=code)
    learning = Enrolment.objects.filter(redemption__code__in=codes)
    in_scope = _enrolments_in_scope(membership)
    known = TeacherCode.objects.typed(code).values("pk")
    teaching = in_scope.filter(role=EnrolmentRole.TEACHER, order__teacher_code__in=known)
    with_key = in_scope.led_to_by(key)
    users = Q()
    for enrolments in (learning, teaching, with_key):
        users |= Q(pk__in=enrolments.values("user"))
    return found_people(User.objects.filter(users), membership)


def _enrolments_in_scope(membership: Membership) -> QuerySet[Enrolment]:
    path = membership.organization.path
    return Enrolment.objects.filter(order__assigned_to__path__startswith=path)


def roles_in_scope(membership: Membership) -> QuerySet[Membership]:
    """The roles that an administrator may see, as they are listed."""
    roles = Membership.objects.visible_to(membership).select_related("organization")
    return roles.order_by("organization__folded", "organization__path", "role")


def held_in_scope(user: User, membership: Membership) -> QuerySet[Enrolment]:
    """A person's enrolments of the scope, the newest first."""
    return _as_listed(_enrolments_in_scope(membership).filter(user=user))


def held_by(user: User) -> QuerySet[Enrolment]:
    """All of a person's enrolments, the newest first."""
    return _as_listed(Enrolment.objects.filter(user=user))


def _as_listed(enrolments: QuerySet[Enrolment]) -> QuerySet[Enrolment]:
    """With what a list shows, in as many queries for many as for one."""
    orders = (
        Order.objects.with_status(timezone.localdate())
        .select_related("assigned_to")
        .prefetch_related("products__family")
    )
    return (
        enrolments.select_related("teacher__user", "redemption__code")
        .prefetch_related(Prefetch("order", orders), "course_starts__product__family")
        .annotate(until=Least("ends_on", "order__finish_date"))
        .order_by("-enrolled_at", "-pk")
    )


@dataclass
class Held:
    """A line of a person's page: an enrolment, the code as it may be shown, how it stands."""

    enrolment: Enrolment
    code: str
    state: str
    label: str


def lines(enrolments: list[Enrolment], *, reader: Membership | None = None) -> list[Held]:
    """The lines of a page. To an administrator (`reader`) only its own organization's codes
    are shown in full; without one, the person reads."""
    today = timezone.localdate()
    return [
        Held(enrolment, _code(enrolment, reader), *_state(enrolment, today))
        for enrolment in enrolments
    ]


def _code(enrolment: Enrolment, reader: Membership | None) -> str:
    redemption = getattr(enrolment, "redemption", None)
    if redemption is None:
        return ""
    code = formatted(redemption.code.code)
    if reader is None or enrolment.order.assigned_to_id == reader.organization_id:
        return code
    return MASK + code[-4:]


def _state(enrolment, today):
    """A badge's look, and what it says. The order's own status stands beside its number."""
    if enrolment.removed_at:
        return "withdrawn", _("Taken off")
    if enrolment.until and enrolment.until < today:
        return "expired", _("Ended")
    return "available", _("Current")
