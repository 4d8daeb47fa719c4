"""Services for redeeming codes, and for removing and restoring redemptions."""

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from activation_codes.code_lookup import Refused, refusal_of_activation, typed_code, usable_code
from activation_codes.models import ActivationCode, Redemption
from activation_codes.models.codes import ActivationCodeQuerySet
from jasper_inventory.accounts.models import User
from jasper_inventory.accounts.services.log_entries import entry_of, row_of
from jasper_inventory.accounts.tree_locks import hold_tree
from jasper_inventory.lib.audit import Subject, audited
from jasper_inventory.lib.exceptions import DomainError
from jasper_inventory.lib.functions import Row, call
from licenses.models import EnrollmentRole
from licenses.permissions import can_manage_people
from licenses.services.enrollments import (
    JOINED,
    come_back,
    joined_student,
    leave,
    require_can_join,
    require_seat_left,
)

_REDEMPTION = Row(Redemption, "redemption")


def redeem_code(*, code: ActivationCode, user: User) -> Redemption:
    """Redeem a code for a person, who gets a seat on its order until their access ends.

    Raise DomainError worded for administrators; strangers must not see these messages.
    """
    redemption = _redeem(code.code, user)
    if redemption is None:
        with transaction.atomic():
            hold_tree()
            # This reason comes before all others.
            _require_first_use(code, user)
            require_can_join(code.order, user=user, role=EnrollmentRole.STUDENT)
            require_seat_left(code.order)
            raise DomainError(_("This code has no uses left."))
    return redemption


def _redeem(code: str, user: User) -> Redemption | None:
    """Redeem a code; return None, with nothing changed, if the person can't redeem it."""
    with audited("code.redeemed", by=user) as act:
        # The function writes it.
        act.leave_out()
        entry = row_of(entry_of(act.action, by=user, on=Subject("order", None)))
        arguments = (code, user.pk, timezone.localdate(), timezone.now(), entry)
        results = call("activation_codes_redeem", [*JOINED, *_REDEMPTION.columns], *arguments)
        joined = joined_student(results, user)
        if joined is None:
            # Others may have taken the use after the seat.
            transaction.set_rollback(True)
            return None
        redemption = _REDEMPTION.read(iter(results[len(JOINED) :]))
        redemption.enrollment = joined.enrollment
        return redemption


def _require_first_use(code: ActivationCode, user: User) -> None:
    """Raise DomainError if the person already uses the code."""
    if Redemption.objects.by_person(user.pk).filter(code=code).exists():
        raise DomainError(_("%(user)s already redeemed this code.") % {"user": user}, field="user")


def redeem_typed(*, typed: str, by: User) -> Redemption:
    """Redeem a typed code for a person; refusals are worded as in `usable_code`."""
    redemption = _redeem(typed_code(typed), by)
    if redemption is None:
        usable_code(typed, by)
        # It became usable at this moment, or the account was erased.
        raise Refused(refusal_of_activation())
    return redemption


def reclaim_redemption(*, redemption: Redemption, by: User) -> None:
    """Remove a student from the order, which frees the seat and returns the use to the code.

    If the code was replaced, the use goes to the code that replaced it.
    """
    order = redemption.code.order
    can_manage_people.require(order, by)
    with audited("redemption.removed", by=by) as act:
        act.on(redemption.enrollment)
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
    with audited("redemption.restored", by=by) as act:
        act.on(redemption.enrollment)
        come_back(redemption.enrollment)
        code = ActivationCode.objects.get(pk=redemption.code_id)
        if code.replacement_id is None:
            _take_use(ActivationCode.objects.filter(pk=code.pk))
        else:
            _move_use(code, 1)


def _take_use(codes: ActivationCodeQuerySet) -> None:
    """Count one more use of the code, of which there is one or none, if one is left."""
    if codes.with_use_left().update(used=F("used") + 1) != 1:
        raise DomainError(_("This code has no uses left."))
