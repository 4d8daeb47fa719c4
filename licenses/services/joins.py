"""People join by what they type: a teacher code, or a teacher's group key.

What is refused is worded for someone who was given the code, and `UnknownCode` is told from the
rest by its type: a page that strangers reach answers every refusal alike.
"""

from collections.abc import Collection, Iterable

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from jasper_inventory.accounts.models import User
from jasper_inventory.accounts.tree_locks import hold_tree
from jasper_inventory.lib.audit import recorded
from jasper_inventory.lib.code_format import normalize
from jasper_inventory.lib.exceptions import DomainError, UnknownCode
from licenses.models import Enrollment, EnrollmentRole, Order, TeacherCode
from licenses.services.enrollments import Joined, join, role_of


def join_by_teacher_code(*, typed: str, by: User) -> Joined:
    """Become a teacher of the newest order of this teacher code that is in force.

    And of the renewal that shares the code. Who teaches there already loses nothing: `is_new` is
    False then. Raises UnknownCode, or DomainError where no order of the code is in force.
    """
    code = TeacherCode.objects.typed(normalize(typed)).first()
    if code is None:
        raise UnknownCode(_("There is no such teacher code."))
    with recorded("teacher.joined", by=by):
        hold_tree()
        orders = _locked(Order.objects.filter(teacher_code=code))
        if not orders:
            raise UnknownCode(_("There is no such teacher code."))
        order = _in_force(orders)[0]
        there = order.enrollments.current().filter(user=by, role=EnrollmentRole.TEACHER).first()
        if there is not None:
            return Joined(there, role_of(there), is_new=False)
        return join(order, user=by, role=EnrollmentRole.TEACHER)


def join_by_group_key(*, typed: str, by: User) -> Joined:
    """Come to the teacher of this group key, on every order where both are.

    On a Center License that takes a place on the newest order of the key that is in force, unless
    the student has one: there, or on an older order while the newest takes nobody. On User
    Activation Codes it links the student who came by a code, and takes nothing. Who has another
    teacher there changes to this one. `is_new` says whether a place was taken, `is_linked`
    whether any link is new. Raises UnknownCode, or DomainError.
    """
    key = normalize(typed)
    with recorded("student.linked", by=by):
        hold_tree()
        orders = _locked(Order.objects.filter(pk__in=_teaching(key).values("order")))
        # As it is now: whoever takes a teacher off holds the order's lock.
        teaching = _teaching(key).filter(order__in=[order.pk for order in orders])
        if not teaching.exists():
            raise UnknownCode(_("There is no such group key."))
        if teaching.filter(user=by).exists():
            raise DomainError(_("This is your own group key: it is for your students."))
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
            raise DomainError(_("First activate the activation code that you were given."))
        if _link(learning.values(), teaching):
            joined.is_linked = True
            joined.enrollment.refresh_from_db(fields=["teacher"])
        return joined


def _teaching(key: str) -> QuerySet[Enrollment]:
    """The enrollments, one on each order, of the teacher whose group key this is."""
    return Enrollment.objects.current().filter(role=EnrollmentRole.TEACHER, group_key__key=key)


def _learning(user: User, orders: Collection[Order]) -> QuerySet[Enrollment]:
    """What has not ended of a student's enrollments on these orders: one on each at most."""
    today = timezone.localdate()
    students = Enrollment.objects.not_ended(today).students().filter(user=user)
    running = students.filter(order__in=[o.pk for o in orders], order__finish_date__gte=today)
    return running.select_related("order__assigned_to")


def _may_move(there: Enrollment, newest: Order) -> bool:
    """Whether who learns on an older order can come to the newest; else the older one is linked."""
    return there.order_id != newest.pk and newest.joining_paused_at is None and newest.free != 0


def _link(learning: Iterable[Enrollment], teaching: QuerySet[Enrollment]) -> int:
    """Link these students to the teacher on their orders, which are locked; return how many."""
    mine = teaching.filter(order=OuterRef("order")).values("pk")[:1]
    students = Enrollment.objects.filter(pk__in=[student.pk for student in learning])
    elsewhere = students.exclude(teacher__in=teaching.values("pk"))
    return elsewhere.update(teacher=Subquery(mine))


def _locked(orders: QuerySet[Order]) -> list[Order]:
    """These orders as they are now, locked, the newest first; an older one is locked first."""
    return list(orders.select_for_update(of=("self",)).order_by("pk"))[::-1]


def _in_force(orders: list[Order]) -> list[Order]:
    """Those of the orders, the newest first, that are in force; DomainError where none is."""
    today = timezone.localdate()
    usable = set(Order.objects.in_force(today).filter(pk__in=[order.pk for order in orders]))
    if not usable:
        raise DomainError(
            _("The license isn't in force now. Its status is: %(status)s.")
            % {"status": orders[0].status_on(today).label}
        )
    return [order for order in orders if order in usable]
