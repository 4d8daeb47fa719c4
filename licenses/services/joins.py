"""Joining with a teacher code or a teacher's group key.

Error messages are written for people who received the code. `UnknownCode` is a type of its own,
so that pages open to strangers can answer every error the same way.
"""

from collections.abc import Collection, Iterable

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from jasper_inventory.accounts.models import User
from jasper_inventory.accounts.tree_locks import hold_tree
from jasper_inventory.lib.audit import audited
from jasper_inventory.lib.code_format import normalize
from jasper_inventory.lib.exceptions import DomainError, UnknownCode
from licenses.models import Enrollment, EnrollmentRole, Order, TeacherCode
from licenses.services.enrollments import Joined, join, role_of


def join_by_teacher_code(*, typed: str, by: User) -> Joined:
    """Become a teacher on the newest order in force with this teacher code.

    The teacher also joins a renewal that shares the code. `is_new` is False for someone who
    already teaches there. Raises UnknownCode, or DomainError if no order of the code is in force.
    """
    code = TeacherCode.objects.typed(normalize(typed)).first()
    if code is None:
        raise UnknownCode(_("This teacher code isn't valid. Check it and try again."))
    with audited("teacher.joined", by=by) as act:
        hold_tree()
        orders = _locked(Order.objects.filter(teacher_code=code))
        if not orders:
            raise UnknownCode(_("This teacher code isn't valid. Check it and try again."))
        order = _in_force(orders)[0]
        there = order.enrollments.current().filter(user=by, role=EnrollmentRole.TEACHER).first()
        if there is not None:
            act.leave_out()
            return Joined(there, role_of(there), is_new=False)
        joined = join(order, user=by, role=EnrollmentRole.TEACHER)
        act.on(joined.enrollment)
        return joined


def join_by_group_key(*, typed: str, by: User) -> Joined:
    """Link a student to the teacher of this group key, on every order that both are on.

    On a Center License, this uses a seat on the key's newest order in force, unless the student
    already has one there, or on an older order while the newest is full or paused. On User
    Activation Codes, it links a student who redeemed a code, and uses no seat. A student with
    another teacher changes to this one. `is_new` says whether a seat was used, `is_linked`
    whether any link is new. Raises UnknownCode, or DomainError.
    """
    key = normalize(typed)
    with audited("student.linked", by=by) as act:
        hold_tree()
        orders = _locked(Order.objects.filter(pk__in=_teaching(key).values("order")))
        # Read under the orders' locks, which removing a teacher takes too.
        teaching = _teaching(key).filter(order__in=[order.pk for order in orders])
        if not teaching.exists():
            raise UnknownCode(_("This group key isn't valid. Check it and try again."))
        if teaching.filter(user=by).exists():
            raise DomainError(_("This is your own group key. Give it to your students."))
        usable = _in_force(orders)
        newest = usable[0]
        learning = {student.order_id: student for student in _learning(by, orders)}
        there = next((learning[o.pk] for o in usable if o.pk in learning), None)
        if not newest.is_codes and (there is None or _may_move(there, newest)):
            teacher = teaching.get(order=newest)
            joined = join(newest, user=by, role=EnrollmentRole.STUDENT, teacher=teacher)
        elif there is not None:
            joined = Joined(there, role_of(there), is_new=False)
        else:
            raise DomainError(_("Activate your activation code first, then enter the group key."))
        if _link(learning.values(), teaching):
            joined.is_linked = True
            joined.enrollment.refresh_from_db(fields=["teacher"])
        act.on(joined.enrollment)
        if not (joined.is_new or joined.is_linked):
            act.leave_out()
        return joined


def _teaching(key: str) -> QuerySet[Enrollment]:
    """Return the enrollments of the group key's teacher, one per order."""
    return Enrollment.objects.current().filter(role=EnrollmentRole.TEACHER, group_key__key=key)


def _learning(user: User, orders: Collection[Order]) -> QuerySet[Enrollment]:
    """Return a student's enrollments on these orders that have not ended, at most one each."""
    today = timezone.localdate()
    students = Enrollment.objects.not_ended(today).students().filter(user=user)
    running = students.filter(order__in=[o.pk for o in orders], order__finish_date__gte=today)
    return running.select_related("order__assigned_to")


def _may_move(there: Enrollment, newest: Order) -> bool:
    """Return whether a student on an older order can join the newest one."""
    return (
        there.order_id != newest.pk
        and newest.joining_paused_at is None
        and newest.seats_available != 0
    )


def _link(learning: Iterable[Enrollment], teaching: QuerySet[Enrollment]) -> int:
    """Link the students to the teacher on their locked orders; return how many were linked."""
    mine = teaching.filter(order=OuterRef("order")).values("pk")[:1]
    students = Enrollment.objects.filter(pk__in=[student.pk for student in learning])
    elsewhere = students.exclude(teacher__in=teaching.values("pk"))
    return elsewhere.update(teacher=Subquery(mine))


def _locked(orders: QuerySet[Order]) -> list[Order]:
    """Lock and reload the orders, oldest first; return them newest first."""
    return list(orders.select_for_update(of=("self",)).order_by("pk"))[::-1]


def _in_force(orders: list[Order]) -> list[Order]:
    """Return the orders in force, newest first; raise DomainError if there are none."""
    today = timezone.localdate()
    usable = set(Order.objects.in_force(today).filter(pk__in=[order.pk for order in orders]))
    if not usable:
        raise DomainError(
            _("The license isn't in force now. Its status is: %(status)s.")
            % {"status": orders[0].status_on(today).label}
        )
    return [order for order in orders if order in usable]
