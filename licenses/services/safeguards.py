"""What holds a code back that is passed around: alert numbers, the pause, new codes and keys."""

from django.utils import timezone
from django.utils.translation import gettext as _

from jasper_inventory.accounts.models import User
from jasper_inventory.lib.audit import recorded
from jasper_inventory.lib.exceptions import DomainError, NotAllowed
from licenses import emails
from licenses.models import Enrollment, GroupKey, Order, TeacherCode
from licenses.models.orders import MOST_STUDENTS
from licenses.services.decisions import check_reason
from licenses.services.group_keys import change_key
from licenses.services.orders import locked_approved, make_teacher_code


def set_alerts(*, order: Order, first_alert: int, second_alert: int, by: User) -> Order:
    """Set the numbers of students at which an unlimited order raises its two alerts.

    One that there are already is refused, as it would never be told; unchanged it stays.
    """
    _require_guard(order, by)
    if not 1 <= first_alert <= MOST_STUDENTS:
        raise DomainError(_("From 1 to 1,000,000."), field="first_alert")
    if not first_alert < second_alert <= MOST_STUDENTS:
        raise DomainError(
            _("The second number must be above the first, and at most 1,000,000."),
            field="second_alert",
        )
    with recorded("alerts.set", by=by):
        order = locked_approved(order)
        if not order.is_unlimited:
            raise DomainError(_("Only an unlimited license raises these alerts."))
        for field, number in (("first_alert", first_alert), ("second_alert", second_alert)):
            if number != getattr(order, field) and number <= order.enrolled:
                raise DomainError(
                    _("There are %(students)d students already: choose a higher number.")
                    % {"students": order.enrolled},
                    field=field,
                )
        order.first_alert, order.second_alert = first_alert, second_alert
        order.save(update_fields=["first_alert", "second_alert"])
    return order


def pause_joining(*, order: Order, by: User, reason: str = "") -> Order:
    """Let nobody join or redeem on this order until it is allowed again.

    Who is on it goes on; its status stays. It reaches neither the orders carved from it, which
    have codes of their own, nor a renewal, onto which people are carried over as before.
    """
    _require_guard(order, by)
    reason = check_reason(reason)
    with recorded("joining.paused", by=by, reason=reason):
        order = locked_approved(order)
        if order.joining_paused_at is not None:
            raise DomainError(_("New enrollments are paused already."))
        order.joining_paused_at = timezone.now()
        order.joining_paused_by = by
        order.joining_pause_reason = reason
        _save_pause(order)
    return order


def unpause_joining(*, order: Order, by: User) -> Order:
    """Let people join again, whoever of holder, supplier and CCI paused it."""
    _require_guard(order, by)
    with recorded("joining.allowed", by=by):
        order = locked_approved(order)
        if order.joining_paused_at is None:
            raise DomainError(_("New enrollments aren't paused."))
        order.joining_paused_at = order.joining_paused_by = None
        order.joining_pause_reason = ""
        _save_pause(order)
    return order


def replace_teacher_code(
    *, order: Order, shown: int, by: User, group_keys: bool = False
) -> TeacherCode:
    """Give an order a new teacher code, and all orders of its chain that share the old one.

    The old one opens nothing any more; who joined with it stays. With `group_keys` those of all
    teachers there are replaced too, and the teachers told: students join with them.

    `shown` is the key of the code that was to be replaced: pressed twice, or by two people at
    once, it is replaced once.
    """
    _require_guard(order, by)
    with recorded("teacher code.replaced", by=by):
        # A renewal comes after what it renews, here and where someone joins both.
        sharing = Order.objects.filter(teacher_code=shown).order_by("pk")
        locked: list[Order] = []
        # Again, where the renewal of one of them was approved while its lock was waited for.
        while len(found := list(sharing.select_for_update(of=("self",)))) > len(locked):
            locked = found
        if order.pk not in {each.pk for each in locked}:
            raise DomainError(_("The teacher code was replaced already."))
        code = make_teacher_code()
        Order.objects.filter(pk__in=[each.pk for each in locked]).update(teacher_code=code)
        if group_keys:
            _replace_group_keys(locked, order, by)
    return code


def _replace_group_keys(locked: list[Order], order: Order, by: User) -> None:
    """Of the teachers on orders that share a teacher code. The orders are locked."""
    teaching = Enrollment.objects.current().teachers().filter(order__in=locked)
    keys = GroupKey.objects.filter(pk__in=teaching.values("group_key")).order_by("pk")
    for key in keys.select_for_update():
        change_key(key)
    teachers = teaching.exclude(group_key=None).values_list("user", flat=True)
    emails.notify_group_keys_replaced.enqueue(
        order.pk, sorted(set(teachers)), by.pk, str(timezone.now())
    )


def _save_pause(order: Order) -> None:
    order.save(update_fields=["joining_paused_at", "joining_paused_by", "joining_pause_reason"])


def _require_guard(order: Order, by: User) -> None:
    """Raise NotAllowed unless `by` is CCI staff or of the holder or of who assigned the order."""
    if not (by.is_cci_staff or by.administers(order.assigned_to) or by.administers(order.assigner)):
        raise NotAllowed(_("Only the holder of a license and who assigned it may do this."))
