"""Services for redeeming codes, and for removing and restoring redemptions."""

from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils.translation import gettext as _

from activation_codes.code_lookup import Refused, refusal_of_activation, usable_code
from activation_codes.models import ActivationCode, Redemption
from jasper_inventory.accounts.models import User
from jasper_inventory.accounts.tree_locks import hold_tree
from jasper_inventory.lib.audit import audited
from jasper_inventory.lib.exceptions import DomainError
from licenses.models import EnrollmentRole
from licenses.permissions import can_manage_people
from licenses.services.enrollments import come_back, join, leave


def redeem_code(*, code: ActivationCode, user: User) -> Redemption:
    """Redeem a code for a person, who gets a seat on its order until their access ends.

    Raise DomainError worded for administrators; strangers must not see these messages.
    """
    with audited("code.redeemed", by=user):
        hold_tree()
        try:
            joined = join(code.order, user=user, role=EnrollmentRole.STUDENT)
            again = _redeemed_by(user).filter(code=OuterRef("pk"))
            _take_use(ActivationCode.objects.filter(~Exists(again), pk=code.pk))
        except DomainError:
            # This reason comes before all others. The order is locked.
            _require_first_use(code, user)
            raise
        return Redemption.objects.create(code=code, enrollment=joined.enrollment)


def _redeemed_by(user: User) -> QuerySet[Redemption]:
    return Redemption.objects.current().filter(enrollment__user=user)


def _require_first_use(code: ActivationCode, user: User) -> None:
    """Raise DomainError if the person already uses the code."""
    if _redeemed_by(user).filter(code=code).exists():
        raise DomainError(_("%(user)s already redeemed this code.") % {"user": user}, field="user")


def redeem_typed(*, typed: str, by: User) -> Redemption:
    """Redeem a typed code for a person; refusals are worded as in `usable_code`."""
    code = usable_code(typed, by)
    try:
        return redeem_code(code=code, user=by)
    except DomainError:
        # This person, with a second click, or someone else may have just used it.
        usable_code(typed, by)
        raise Refused(refusal_of_activation()) from None


def reclaim_redemption(*, redemption: Redemption, by: User) -> None:
    """Remove a student from the order, which frees the seat and returns the use to the code.

    If the code was replaced, the use goes to the code that replaced it.
    """
    order = redemption.code.order
    can_manage_people.require(order, by)
    with audited("redemption.removed", by=by):
        leave(redemption.enrollment)
        code = ActivationCode.objects.get(pk=redemption.code_id)
        if code.replacement_id is None:
            ActivationCode.objects.filter(pk=code.pk).update(used=F("used") - 1)
        else:
            _move_use(code, -1)


def _move_use(code: ActivationCode, by: int) -> None:
    """Add a use to a replaced code (1) or remove one (-1), balanced by its newest replacement."""
    last = code
    while last.replacement is not None:
        last = last.replacement
    free = ActivationCode.objects.filter(pk=last.pk, users__gte=F("used") + by)
    if free.update(users=F("users") - by) != 1:
        raise DomainError(_("This code has no uses left."))
    ActivationCode.objects.filter(pk=code.pk).update(used=F("used") + by, users=F("users") + by)


def restore_redemption(*, redemption: Redemption, by: User) -> None:
    """Undo `reclaim_redemption` if the code, or the one that replaced it, has a use left."""
    can_manage_people.require(redemption.code.order, by)
    with audited("redemption.restored", by=by):
        come_back(redemption.enrollment)
        code = ActivationCode.objects.get(pk=redemption.code_id)
        if code.replacement_id is None:
            _take_use(ActivationCode.objects.filter(pk=code.pk))
        else:
            _move_use(code, 1)


def _take_use(codes: QuerySet[ActivationCode]) -> None:
    """Count one more use of the code, of which there is one or none, if one is left."""
    if codes.filter(used__lt=F("users")).update(used=F("used") + 1) != 1:
        raise DomainError(_("This code has no uses left."))
