"""Teachers and students join an order, or are taken off it."""

from dataclasses import dataclass, field
from datetime import date

from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from jasper_inventory.accounts.models import Membership, Role, User
from jasper_inventory.accounts.services.memberships import add_role
from jasper_inventory.accounts.tree_locks import hold_tree
from jasper_inventory.lib.audit import audited
from jasper_inventory.lib.exceptions import DomainError
from licenses.models import ActivityKind, Enrollment, EnrollmentRole, Order
from licenses.models.order_queryset import SEAT_LEFT
from licenses.order_locks import locked_approved
from licenses.permissions import can_manage_people, can_pause
from licenses.services.activity import write_activity
from licenses.services.alerts import watch_burst, watch_carried_over, watch_students
from licenses.services.inputs import check_reason
from licenses.services.join_codes import key_of

ROLES = {EnrollmentRole.TEACHER: Role.TEACHER, EnrollmentRole.STUDENT: Role.STUDENT}


@dataclass
class Joined:
    """An enrollment, the role that goes with it, and what the act changed."""

    enrollment: Enrollment
    membership: Membership
    # Renewals of the same teacher code that had no place for it any more.
    full: list[Order] = field(default_factory=list)
    # False: the person was on the order before.
    is_new: bool = True
    # Whether the act linked a student to a teacher.
    is_linked: bool = False


def enroll_teacher(*, order: Order, user: User, by: User) -> Joined:
    """Put a teacher on an order in force, and on its renewal that shares the teacher code."""
    can_manage_people.require(order, by)
    with audited("teacher.enrolled", by=by):
        hold_tree()
        return join(order, user=user, role=EnrollmentRole.TEACHER)


def enroll_student(
    *, order: Order, user: User, by: User, teacher: Enrollment | None = None
) -> Joined:
    """Put a student on a Center License in force, and on its renewal of the same teacher code."""
    can_manage_people.require(order, by)
    if order.is_codes:
        raise DomainError(
            _("Students join User Activation Codes by redeeming a code."), field="role"
        )
    with audited("student.enrolled", by=by):
        hold_tree()
        return join(order, user=user, role=EnrollmentRole.STUDENT, teacher=teacher)


def join(
    order: Order,
    *,
    user: User,
    role: int,
    teacher: Enrollment | None = None,
    ends_on: date | None = None,
) -> Joined:
    """Write an enrollment and count its place, in the caller's transaction, which holds the tree.

    Gives the person the role at the order's holder that goes with it. Raises DomainError where
    the order isn't in force or full, or the person is on it already.
    """
    today = timezone.localdate()
    order = Order.objects.select_for_update(of=("self",)).get(pk=order.pk)
    if not Order.objects.in_force(today).filter(pk=order.pk).exists():
        raise DomainError(_("Order %(order)s isn't in force.") % {"order": order})
    if order.joining_paused_at is not None:
        raise DomainError(_("New enrollments on order %(order)s are paused.") % {"order": order})
    if order.enrollments.latest().filter(user=user, role=role).exists():
        raise DomainError(
            _("%(user)s is on order %(order)s already.") % {"user": user, "order": order},
            field="user",
        )
    if teacher is not None and not _teachers(order).filter(pk=teacher.pk).exists():
        raise DomainError(_("Link to a teacher of the same order."), field="teacher")
    if role == EnrollmentRole.STUDENT and not _take_seat(order):
        raise DomainError(_("Order %(order)s has no student place left.") % {"order": order})
    person = Enrollment.objects.create(
        order=order,
        user=user,
        role=role,
        teacher=teacher,
        ends_on=ends_on,
        group_key=key_of(user, order) if role == EnrollmentRole.TEACHER else None,
    )
    if role == EnrollmentRole.STUDENT:
        watch_burst(order)
    full: list[Order] = []
    if role == EnrollmentRole.TEACHER or not order.is_codes:
        full = _join_renewals(order, person, today)
    return Joined(person, role_of(person), full, is_linked=teacher is not None)


def follow_ended(order: Order, *, user: User) -> None:
    """Make room for a student's next enrollment on a locked order, where the last one has ended.

    In the caller's transaction. The ended one keeps its place.
    """
    order.enrollments.latest().filter(
        user=user, role=EnrollmentRole.STUDENT, ends_on__lt=timezone.localdate()
    ).update(followed_at=timezone.now())


def role_of(person: Enrollment) -> Membership:
    """The role at the order's holder that goes with an enrollment; given where it is missing."""
    return add_role(
        user=person.user,
        organization=person.order.assigned_to,
        role=ROLES[EnrollmentRole(person.role)],
    )


def _teachers(order: Order) -> QuerySet[Enrollment]:
    return order.enrollments.current().filter(role=EnrollmentRole.TEACHER)


def _take_seat(order: Order) -> bool:
    """Count one student more on the locked order, if there is room: a conditional update."""
    # The seats of codes not yet created can't be redeemed.
    created = Q(enrolled__lt=F("codes_created") * F("users_per_code"))
    room = created if order.is_codes else SEAT_LEFT
    taken = Order.objects.filter(room, pk=order.pk).update(enrolled=F("enrolled") + 1) == 1
    if taken:
        watch_students(order, order.enrolled, order.enrolled + 1)
    return taken


def _join_renewals(order: Order, person: Enrollment, today: date) -> list[Order]:
    """Who joins before the renewal with the same code starts keeps the place there too.

    Returns the renewals that had no place for it any more: one, or none.
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
    """Who keeps a place on a renewal with the existing code: those not ended by today.

    Students of activation codes redeem a new one; who was erased will never come.
    """
    people = Enrollment.objects.filter(order=order).not_ended(timezone.localdate())
    people = people.filter(user__erased_at=None)
    return people.filter(role=EnrollmentRole.TEACHER) if order.is_codes else people


def require_seat_for(students: int, seats: int | None) -> None:
    """Raise DomainError, naming the shortage, where fewer places than students are left."""
    if seats is not None and students > seats:
        raise DomainError(
            _("%(students)d students keep their place, but there are %(seats)d: %(short)d short.")
            % {"students": students, "seats": seats, "short": students - seats},
            field="students",
        )


def copy_enrollments(*, old: Order, new: Order) -> None:
    """Carry people over to a renewal with the existing code, in the caller's transaction.

    Teachers, and the students of a Center License, whose enrollment hasn't ended. Raises
    DomainError, naming the shortage, where the new order has fewer places than people.
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
    """Take a teacher, or a student of a Center License, off an order; a student's place is free."""
    can_manage_people.require(enrollment.order, by)
    if enrollment.order.is_codes and enrollment.role == EnrollmentRole.STUDENT:
        raise DomainError(
            _("This student came by an activation code: take back the code's redemption.")
        )
    with audited("enrollment.removed", by=by):
        leave(enrollment)


def leave(enrollment: Enrollment) -> None:
    """Mark an enrollment removed and free its place, once, in the caller's transaction."""
    Order.objects.select_for_update(of=("self",)).get(pk=enrollment.order_id)
    removed = (
        Enrollment.objects.current().filter(pk=enrollment.pk).update(removed_at=timezone.now())
    )
    if removed != 1:
        raise DomainError(_("This person was taken off the order already."))
    if enrollment.role == EnrollmentRole.STUDENT:
        Order.objects.filter(pk=enrollment.order_id).update(enrolled=F("enrolled") - 1)
    else:
        Enrollment.objects.filter(teacher=enrollment.pk).update(teacher=None)


def restore_enrollment(*, enrollment: Enrollment, by: User) -> None:
    """Undo taking a teacher, or a student of a Center License, off an order.

    Raises DomainError where there is no place any more, or the person has joined again.
    """
    can_manage_people.require(enrollment.order, by)
    if enrollment.order.is_codes and enrollment.role == EnrollmentRole.STUDENT:
        raise DomainError(_("This student came by an activation code: restore its redemption."))
    with audited("enrollment.restored", by=by):
        come_back(enrollment)


def come_back(enrollment: Enrollment) -> None:
    """Undo `leave`, in the caller's transaction. Where they were linked to is kept.

    The role that goes with it is given again where it was taken away meanwhile.
    """
    hold_tree()
    order = Order.objects.select_for_update(of=("self",)).get(pk=enrollment.order_id)
    names = {"user": enrollment.user, "order": order}
    same = order.enrollments.latest().filter(user=enrollment.user_id, role=enrollment.role)
    if enrollment.followed_at is None and same.exists():
        raise DomainError(_("%(user)s is on order %(order)s already.") % names)
    if enrollment.role == EnrollmentRole.STUDENT and not _take_seat(order):
        raise DomainError(_("Order %(order)s has no student place left.") % names)
    # The person before the enrollment, as who erases the person locks them.
    role_of(enrollment)
    if Enrollment.objects.removed().filter(pk=enrollment.pk).update(removed_at=None) != 1:
        raise DomainError(_("%(user)s is on order %(order)s already.") % names)


def pause_joining(*, order: Order, by: User, reason: str = "") -> Order:
    """Let nobody join or redeem on this order until it is allowed again.

    Who is on it goes on; its status stays. It reaches neither the orders carved from it, which
    have codes of their own, nor a renewal, onto which people are carried over as before.
    """
    can_pause.require(order, by)
    reason = check_reason(reason)
    with audited("joining.paused", by=by, reason=reason):
        order = locked_approved(order)
        if order.joining_paused_at is not None:
            raise DomainError(_("New enrollments are paused already."))
        order.joining_paused_at = timezone.now()
        order.joining_paused_by = by
        order.joining_pause_reason = reason
        _save_pause(order)
        sides = (order.assigned_to, order.assigned_by_organization)
        write_activity(ActivityKind.PAUSED, order, *sides, by=by, reason=reason)
    return order


def unpause_joining(*, order: Order, by: User) -> Order:
    """Let people join again, whoever of holder, supplier and CCI paused it."""
    can_pause.require(order, by)
    with audited("joining.allowed", by=by):
        order = locked_approved(order)
        if order.joining_paused_at is None:
            raise DomainError(_("New enrollments aren't paused."))
        order.joining_paused_at = order.joining_paused_by = None
        order.joining_pause_reason = ""
        _save_pause(order)
        sides = (order.assigned_to, order.assigned_by_organization)
        write_activity(ActivityKind.UNPAUSED, order, *sides, by=by)
    return order


def _save_pause(order: Order) -> None:
    order.save(update_fields=["joining_paused_at", "joining_paused_by", "joining_pause_reason"])
