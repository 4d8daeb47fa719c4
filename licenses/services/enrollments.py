"""Teachers and students join an order, leave it, and are restored; the enrollment pause."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from jasper_inventory.accounts.models import Membership, Role, User
from jasper_inventory.accounts.services.memberships import add_role, known_role
from jasper_inventory.accounts.tree_locks import hold_tree
from jasper_inventory.lib.audit import audited
from jasper_inventory.lib.exceptions import DomainError
from jasper_inventory.lib.functions import Row, call
from jasper_inventory.lib.updates import update_returning
from licenses.models import ActivityKind, Enrollment, EnrollmentRole, Order
from licenses.order_locks import locked_approved
from licenses.permissions import can_manage_people, can_pause
from licenses.services.activity import write_activity
from licenses.services.alerts import watch_burst, watch_carried_over, watch_students
from licenses.services.inputs import check_reason
from licenses.services.join_codes import key_of

ROLES = {EnrollmentRole.TEACHER: Role.TEACHER, EnrollmentRole.STUDENT: Role.STUDENT}


@dataclass
class Joined:
    """An enrollment, its role, and what joining changed."""

    enrollment: Enrollment
    membership: Membership
    # Renewals with the same teacher code that had no seat left for it.
    full: list[Order] = field(default_factory=list)
    # False if the person was already on the order.
    is_new: bool = True
    # Whether it linked a student to a teacher.
    is_linked: bool = False


def enroll_teacher(*, order: Order, user: User, by: User) -> Joined:
    """Enroll a teacher on an order in force, and on its renewal with the same teacher code."""
    can_manage_people.require(order, by)
    with audited("teacher.enrolled", by=by) as act:
        hold_tree()
        joined = join(order, user=user, role=EnrollmentRole.TEACHER)
        act.on(joined.enrollment)
        return joined


def enroll_student(
    *, order: Order, user: User, by: User, teacher: Enrollment | None = None
) -> Joined:
    """Enroll a student on a Center License in force, and its renewal with the same teacher code."""
    can_manage_people.require(order, by)
    if order.is_codes:
        raise DomainError(
            _("Students join User Activation Codes by redeeming a code."), field="role"
        )
    with audited("student.enrolled", by=by) as act:
        hold_tree()
        joined = join(order, user=user, role=EnrollmentRole.STUDENT, teacher=teacher)
        act.on(joined.enrollment)
        return joined


def join(
    order: Order,
    *,
    user: User,
    role: int,
    teacher: Enrollment | None = None,
) -> Joined:
    """Create an enrollment and count its seat, in the caller's transaction, which holds the tree.

    The person gets the matching role at the license holder. Raises DomainError if the order isn't
    in force or is full, or the person is already on it. The order is locked then, too.
    """
    today = timezone.localdate()
    is_student = role == EnrollmentRole.STUDENT
    joined = _join_student(order, user, teacher, today) if is_student else None
    if joined is None:
        order, membership = require_can_join(order, user=user, role=role)
    if teacher is not None and not _teachers(order).filter(pk=teacher.pk).exists():
        raise DomainError(_("Choose a teacher of the same order."), field="teacher")
    if joined is None:
        if is_student:
            raise _full(order)
        key = key_of(user, order)
        person = Enrollment.objects.create(order=order, user=user, role=role, group_key=key)
        joined = Joined(person, membership)
    order = joined.enrollment.order
    if not (is_student and order.is_codes):
        joined.full = _join_renewals(order, joined.enrollment, today)
    return joined


# What joining needs to know of an order.
_SEAT_FIELDS = (
    *("id", "number", "outcome", "inventory_type", "assigned_to", "renewal_of", "teacher_code"),
    *("finish_date", "duration", "students", "enrolled", "seats", "seats_taken"),
    *("first_alert", "second_alert"),
)
_ORDER = Row(Order, "taken", _SEAT_FIELDS)
_PERSON = Row(Enrollment, "joined")
# What is read of the results of the database's function licenses_join_student.
JOINED = [*_PERSON.columns, *_ORDER.columns, "membership"]


def _join_student(
    order: Order, user: User, teacher: Enrollment | None, today: date
) -> Joined | None:
    """Give a student a seat, which locks the order; return None if they can't join."""
    arguments = (order.pk, user.pk, teacher and teacher.pk, today, timezone.now())
    return joined_student(call("licenses_join_student", JOINED, *arguments), user, teacher)


def joined_student(
    results: Sequence[Any], user: User, teacher: Enrollment | None = None
) -> Joined | None:
    """Return what the results `JOINED` mean, None without a seat; raise alerts that are due."""
    if results[0] is None:
        return None
    values = iter(results)
    person, order = _PERSON.read(values), _ORDER.read(values)
    person.user, person.order, person.teacher = user, order, teacher
    membership = known_role(
        next(values), user=user, organization_pk=order.assigned_to_id, role=Role.STUDENT
    )
    watch_students(order, order.enrolled - 1, order.enrolled)
    watch_burst(order)
    return Joined(person, membership, is_linked=teacher is not None)


def require_can_join(order: Order, *, user: User, role: int) -> tuple[Order, Membership]:
    """Lock an order and the person; raise DomainError unless they can join, if a seat is left."""
    today = timezone.localdate()
    order = _locked_open(order, today)
    # Locks the person before any enrollment, in the same order as a change of name does.
    membership = _role(user, order, role)
    _require_new(order, user, role, today)
    return order, membership


def _locked_open(order: Order, today: date) -> Order:
    """Lock and reload the order; raise DomainError if no one can join it now."""
    order = Order.objects.select_for_update(of=("self",)).get(pk=order.pk)
    if not Order.objects.in_force(today).filter(pk=order.pk).exists():
        raise DomainError(_("Order %(order)s isn't in force.") % {"order": order})
    if order.joining_paused_at is not None:
        raise DomainError(_("Enrollment on order %(order)s is paused.") % {"order": order})
    return order


def _require_new(order: Order, user: User, role: int, today: date) -> None:
    """Raise DomainError if the person is on the locked order.

    A student whose enrollment by a code has ended can join again. The next enrollment follows that
    one, which keeps its seat.
    """
    mine = Enrollment.objects.not_followed().filter(order=order, user=user, role=role)
    if mine.not_ended(today).exists():
        raise DomainError(
            _("%(user)s is already on order %(order)s.") % {"user": user, "order": order},
            field="user",
        )


def role_of(person: Enrollment) -> Membership:
    """Return the role at the license holder for an enrollment; create it if it is missing."""
    return _role(person.user, person.order, person.role)


def _role(user: User, order: Order, role: int) -> Membership:
    return add_role(
        user=user, organization_pk=order.assigned_to_id, role=ROLES[EnrollmentRole(role)]
    )


def _teachers(order: Order) -> QuerySet[Enrollment]:
    return order.enrollments.current().filter(role=EnrollmentRole.TEACHER)


def _take_seat(order: Order) -> bool:
    """Count one more student on the order if a seat is left: one conditional update."""
    orders = Order.objects.with_seat_left().filter(pk=order.pk)
    for taken in update_returning(orders, _SEAT_FIELDS, enrolled=F("enrolled") + 1):
        watch_students(taken, taken.enrolled - 1, taken.enrolled)
        return True
    return False


def _require_seat(order: Order) -> None:
    """Take a seat on the locked order; raise DomainError if none is left."""
    if not _take_seat(order):
        raise _full(order)


def require_seat_left(order: Order) -> None:
    """Raise DomainError if no seat is left on the locked order."""
    if not Order.objects.with_seat_left().filter(pk=order.pk).exists():
        raise _full(order)


def _full(order: Order) -> DomainError:
    return DomainError(_("Order %(order)s has no seats left.") % {"order": order})


def _join_renewals(order: Order, person: Enrollment, today: date) -> list[Order]:
    """Enroll a person, who joined before a renewal with the same code starts, on it as well.

    Returns the renewals that had no seat left: one, or none.
    """
    renewal = (
        Order.objects.select_for_update(of=("self",))
        .filter(renewal_of=order, teacher_code=order.teacher_code_id, start_date__gt=today)
        .first()
    )
    if (
        renewal is None
        or renewal.enrollments.current().filter(user=person.user_id, role=person.role).exists()
    ):
        return []
    if person.role == EnrollmentRole.STUDENT and not _take_seat(renewal):
        return [renewal]
    teacher = person.teacher and _teachers(renewal).filter(user=person.teacher.user_id).first()
    Enrollment.objects.create(
        order=renewal,
        user=person.user,
        role=person.role,
        teacher=teacher,
        group_key=person.group_key,
    )
    return _join_renewals(renewal, person, today)


def keeping_seat(order: Order) -> QuerySet[Enrollment]:
    """Return the enrollments carried over to a renewal with the existing code: those not ended.

    Students of activation codes redeem a new one. Erased people are left out.
    """
    people = Enrollment.objects.filter(order=order).not_ended(timezone.localdate())
    people = people.filter(user__erased_at=None)
    return people.filter(role=EnrollmentRole.TEACHER) if order.is_codes else people


def require_seat_for(students: int, seats: int | None) -> None:
    """Raise DomainError with the shortage if there are fewer seats than students."""
    if seats is not None and students > seats:
        raise DomainError(
            _(
                "%(students)s students keep their seats, but there is room for only %(seats)s: "
                "%(short)s too few."
            )
            % {
                "students": f"{students:,}",
                "seats": f"{seats:,}",
                "short": f"{students - seats:,}",
            },
            field="students",
        )


def copy_enrollments(*, old: Order, new: Order) -> None:
    """Carry people over to a renewal with the existing code, in the caller's transaction.

    These are teachers, and students of a Center License, whose enrollment hasn't ended. Raises
    DomainError with the shortage if the new order has fewer seats than students.
    """
    people = list(keeping_seat(old).order_by("role"))
    students = sum(person.role == EnrollmentRole.STUDENT for person in people)
    require_seat_for(students, new.seats_available)
    copies = {
        person.pk: Enrollment(
            order=new, user_id=person.user_id, role=person.role, group_key_id=person.group_key_id
        )
        for person in people
    }
    teachers = [copies[p.pk] for p in people if p.role == EnrollmentRole.TEACHER]
    Enrollment.objects.bulk_create(teachers)
    for person in people:
        if person.role == EnrollmentRole.STUDENT and person.teacher_id in copies:
            copies[person.pk].teacher = copies[person.teacher_id]
    Enrollment.objects.bulk_create(
        [copies[p.pk] for p in people if p.role == EnrollmentRole.STUDENT]
    )
    if students:
        Order.objects.filter(pk=new.pk).update(enrolled=F("enrolled") + students)
        new.refresh_from_db(fields=["enrolled", "seats_taken", "seats_available"])
        watch_carried_over(new, students)


def remove_enrollment(*, enrollment: Enrollment, by: User) -> None:
    """Remove a teacher, or a student of a Center License, from an order; frees the seat."""
    can_manage_people.require(enrollment.order, by)
    if enrollment.order.is_codes and enrollment.role == EnrollmentRole.STUDENT:
        raise DomainError(
            _("This student used an activation code. Reclaim its redemption instead.")
        )
    with audited("enrollment.removed", by=by) as act:
        act.on(enrollment)
        leave(enrollment)


def leave(enrollment: Enrollment) -> None:
    """Mark an enrollment removed and free its seat, once, in the caller's transaction."""
    Order.objects.select_for_update(of=("self",)).get(pk=enrollment.order_id)
    removed = (
        Enrollment.objects.current().filter(pk=enrollment.pk).update(removed_at=timezone.now())
    )
    if removed != 1:
        raise DomainError(_("This person was already removed from the order."))
    if enrollment.role == EnrollmentRole.STUDENT:
        Order.objects.filter(pk=enrollment.order_id).update(enrolled=F("enrolled") - 1)
    else:
        Enrollment.objects.filter(teacher=enrollment.pk).update(teacher=None)


def restore_enrollment(*, enrollment: Enrollment, by: User) -> None:
    """Restore a teacher, or a student of a Center License, to an order.

    Raises DomainError if no seat is left, or the person has joined again.
    """
    can_manage_people.require(enrollment.order, by)
    if enrollment.order.is_codes and enrollment.role == EnrollmentRole.STUDENT:
        raise DomainError(
            _("This student used an activation code. Restore its redemption instead.")
        )
    with audited("enrollment.restored", by=by) as act:
        act.on(enrollment)
        come_back(enrollment)


def come_back(enrollment: Enrollment) -> None:
    """Undo `leave`, in the caller's transaction. The link to a teacher is kept.

    The matching role is created again if it was removed in the meantime.
    """
    hold_tree()
    order = Order.objects.select_for_update(of=("self",)).get(pk=enrollment.order_id)
    names = {"user": enrollment.user, "order": order}
    same = order.enrollments.not_followed().filter(user=enrollment.user_id, role=enrollment.role)
    if enrollment.followed_at is None and same.exists():
        raise DomainError(_("%(user)s is already on order %(order)s.") % names)
    if enrollment.role == EnrollmentRole.STUDENT:
        _require_seat(order)
    # Lock the person before the enrollment, in the same order as erasing a person does.
    role_of(enrollment)
    if Enrollment.objects.removed().filter(pk=enrollment.pk).update(removed_at=None) != 1:
        raise DomainError(_("%(user)s is already on order %(order)s.") % names)


def pause_joining(*, order: Order, by: User, reason: str = "") -> Order:
    """Pause enrollment: no one can join or redeem on the order until it is resumed.

    People already enrolled are not affected, and the status stays. Orders allocated from it have
    codes of their own and are not paused, and people are still carried over to a renewal.
    """
    can_pause.require(order, by)
    reason = check_reason(reason)
    with audited("joining.paused", by=by, reason=reason):
        order = locked_approved(order)
        if order.joining_paused_at is not None:
            raise DomainError(_("Enrollment is already paused."))
        order.joining_paused_at = timezone.now()
        order.joining_paused_by = by
        order.joining_pause_reason = reason
        _save_pause(order)
        sides = (order.assigned_to, order.assigned_by_organization)
        write_activity(ActivityKind.PAUSED, order, *sides, by=by, reason=reason)
    return order


def unpause_joining(*, order: Order, by: User) -> Order:
    """Resume enrollment, regardless of whether holder, supplier or CCI paused it."""
    can_pause.require(order, by)
    with audited("joining.allowed", by=by):
        order = locked_approved(order)
        if order.joining_paused_at is None:
            raise DomainError(_("Enrollment isn't paused."))
        order.joining_paused_at = order.joining_paused_by = None
        order.joining_pause_reason = ""
        _save_pause(order)
        sides = (order.assigned_to, order.assigned_by_organization)
        write_activity(ActivityKind.UNPAUSED, order, *sides, by=by)
    return order


def _save_pause(order: Order) -> None:
    order.save(update_fields=["joining_paused_at", "joining_paused_by", "joining_pause_reason"])
