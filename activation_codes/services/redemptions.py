"""Redeeming a code, and taking a redemption back or restoring it."""

from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from activation_codes.code_lookup import Refused, own_last_day, refusal_of_activation, usable_code
from activation_codes.models import ActivationCode, Redemption
from jasper_inventory.accounts.models import User
from jasper_inventory.accounts.tree_locks import hold_tree
from jasper_inventory.lib.audit import audited
from jasper_inventory.lib.exceptions import DomainError
from licenses.models import EnrollmentRole, Order
from licenses.permissions import can_manage_people
from licenses.services.enrollments import come_back, follow_ended, join, leave


def redeem_code(*, code: ActivationCode, user: User) -> Redemption:
    """A person takes a use of a code, and with it a place on its order, until it ends for them.

    Raises DomainError, worded for an administrator: to a stranger every refusal must read alike.
    """
    with audited("code.redeemed", by=user):
        hold_tree()
        order = Order.objects.select_for_update(of=("self",)).get(pk=code.order_id)
        _require_first_use(code, user)
        follow_ended(order, user=user)
        ends_on = own_last_day(order, timezone.localdate())
        joined = join(order, user=user, role=EnrollmentRole.STUDENT, ends_on=ends_on)
        _take_use(code.pk)
        return Redemption.objects.create(code=code, enrollment=joined.enrollment)


def _require_first_use(code: ActivationCode, user: User) -> None:
    """A code of several users serves each of them once. Its order is locked."""
    used = Redemption.objects.current().filter(code=code, enrollment__user=user)
    if used.exists():
        raise DomainError(
            _("%(user)s has redeemed this code already.") % {"user": user}, field="user"
        )


def redeem_typed(*, typed: str, by: User) -> Redemption:
    """A person redeems a code as typed; what is refused is worded as in `usable_code`."""
    code = usable_code(typed, by)
    try:
        return redeem_code(code=code, user=by)
    except DomainError:
        # Meanwhile it was taken by this person, by another press, or by somebody else.
        usable_code(typed, by)
        raise Refused(refusal_of_activation()) from None


def reclaim_redemption(*, redemption: Redemption, by: User) -> None:
    """Take a student off the order: the place is free, and the use goes back to the code.

    Where the code was replaced, to the one that replaced it.
    """
    order = redemption.code.order
    can_manage_people.require(order, by)
    with audited("code.reclaimed", by=by):
        leave(redemption.enrollment)
        code = ActivationCode.objects.get(pk=redemption.code_id)
        if code.replacement_id is None:
            ActivationCode.objects.filter(pk=code.pk).update(used=F("used") - 1)
        else:
            _move_use(code, -1)


def _move_use(code: ActivationCode, by: int) -> None:
    """A taken use comes (1) to a replaced code or goes (-1) from it; its last replacement pays."""
    last = code
    while last.replacement is not None:
        last = last.replacement
    free = ActivationCode.objects.filter(pk=last.pk, users__gte=F("used") + by)
    if free.update(users=F("users") - by) != 1:
        raise DomainError(_("All uses of this code are taken."))
    ActivationCode.objects.filter(pk=code.pk).update(used=F("used") + by, users=F("users") + by)


def restore_redemption(*, redemption: Redemption, by: User) -> None:
    """Undo `take_back_redemption`, while the code, or the one that replaced it, has a use left."""
    can_manage_people.require(redemption.code.order, by)
    with audited("code.restored", by=by):
        come_back(redemption.enrollment)
        code = ActivationCode.objects.get(pk=redemption.code_id)
        if code.replacement_id is None:
            _take_use(code.pk)
        else:
            _move_use(code, 1)


def _take_use(code_pk: int) -> None:
    free = ActivationCode.objects.filter(pk=code_pk, used__lt=F("users"))
    if free.update(used=F("used") + 1) != 1:
        raise DomainError(_("All uses of this code are taken."))
