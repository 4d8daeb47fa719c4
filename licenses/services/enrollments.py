"""Teachers and students join an order, leave it, and are restored; the enrollment pause."""

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
from jasper_inventory.lib.updates import update_returning
from licenses.models import ActivityKind, Enrollment, EnrollmentRole, Order
from licenses.models.order_queryset import OrderQuerySet
from licenses.models.order_status import SEAT_LEFT
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
    with audited("teacher.enrolled", by=by):
        hold_tree()
        return join(order, user=user, role=EnrollmentRole.TEACHER)


def enroll_student(
    *, order: Order, user: User, by: User, teacher: Enrollment | None = None
) -> Joined:
    """Enroll a student on a Center License in force, and its renewal with the same teacher code."""
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
) -> Joined:
    """Create an enrollment and count its seat, in the caller's transaction, which holds the tree.

    The person gets the matching role at the license holder. Raises DomainError if the order isn't
    in force or is full, or the person is already on it. The order is locked then, too.
    """
    today = timezone.localdate()
    is_student = role == EnrollmentRole.STUDENT
    # Taking the seat locks the order. Without a seat, lock it to say what prevents joining.
    seat = _take_seat(order, Order.objects.open_to_join(today)) if is_student else None
    order = seat or _locked_open(order, today)
    # Locks the person before any enrollment, in the same order as a change of name does.
    membership = _role(user, order, role)
    _require_new(order, user, role, today)
    if teacher is not None and not _teachers(order).filter(pk=teacher.pk).exists():
        raise DomainError(_("Choose a teacher of the same order."), field="teacher")
    if is_student and seat is None:
        order = _require_seat(order)
    person = Enrollment.objects.create(
        order=order,
        user=user,
        role=role,
        teacher=teacher,
        ends_on=order.own_last_day(today) if is_student else None,
        group_key=None if is_student else key_of(user, order),
    )
    if is_student:
        watch_burst(order)
    full: list[Order] = []
    if not (is_student and order.is_codes):
        full = _join_renewals(order, person, today)
    return Joined(person, membership, full, is_linked=teacher is not None)


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
    for pk, ends_on in mine.values_list("pk", "ends_on"):
        if ends_on is None or ends_on >= today:
            raise DomainError(
                _("%(user)s is already on order %(order)s.") % {"user": user, "order": order},
                field="user",
            )
        Enrollment.objects.filter(pk=pk).update(followed_at=timezone.now())


def role_of(person: Enrollment) -> Membership:
    """Return the role at the license holder for an enrollment; create it if it is missing."""
    return _role(person.user, person.order, person.role)


def _role(user: User, order: Order, role: int) -> Membership:
    return add_role(
        user=user, organization_pk=order.assigned_to_id, role=ROLES[EnrollmentRole(role)]
    )


def _teachers(order: Order) -> QuerySet[Enrollment]:
    return order.enrollments.current().filter(role=EnrollmentRole.TEACHER)


# What joining needs to know of an order.
_SEAT_FIELDS = (
    *("id", "number", "outcome", "inventory_type", "assigned_to", "renewal_of", "teacher_code"),
    *("finish_date", "duration", "students", "enrolled", "seats", "seats_taken"),
    *("first_alert", "second_alert"),
)


def _take_seat(order: Order, orders: OrderQuerySet | None = None) -> Order | None:
    """Count one more student on the order if a seat is left: one conditional update.

    Return the order with the fields that joining needs, locked by the update. Return None if no
    seat is left, or the order isn't among `orders`.
    """
    # Seats of codes that aren't created yet can't be used.
    created = Q(enrolled__lt=F("codes_created") * F("users_per_code"))
    room = created if order.is_codes else SEAT_LEFT
    orders = (Order.objects.all() if orders is None else orders).filter(room, pk=order.pk)
    for taken in update_returning(orders, _SEAT_FIELDS, enrolled=F("enrolled") + 1):
        watch_students(taken, taken.enrolled - 1, taken.enrolled)
        return taken
    return None


def _require_seat(order: Order) -> Order:
    """Take a seat on the locked order; raise DomainError if none is left."""
    seat = _take_seat(order)
    if seat is None:
        raise DomainError(_("Order %(order)s has no seats left.") % {"order": order})
    return seat


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
    with audited("enrollment.removed", by=by):
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
    with audited("enrollment.restored", by=by):
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
