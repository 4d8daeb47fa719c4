"""Teacher codes and group keys: creating, replacing and sending them."""

import re
from datetime import timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, validate_email
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from jasper_inventory.accounts.models import Tally, User
from jasper_inventory.accounts.throttling import count
from jasper_inventory.accounts.tree_locks import hold_tree
from jasper_inventory.lib.audit import audited
from jasper_inventory.lib.code_format import LENGTH, new_key, normalize, random_characters
from jasper_inventory.lib.exceptions import DomainError, NotAllowed
from jasper_inventory.lib.plain_text import check_plain
from jasper_inventory.lib.text import addresses_in
from jasper_inventory.lib.waits import try_again_in
from licenses import emails
from licenses.models import (
    ActivityKind,
    Enrollment,
    EnrollmentRole,
    GroupKey,
    Order,
    TeacherCode,
)
from licenses.order_fields import differences
from licenses.permissions import can_replace_code, can_send_code
from licenses.services.activity import write_activity

MOST_ADDRESSES = 20
# Enough for a greeting, as recipients may not know the sender.
NOTE_LENGTH = 300


def replace_teacher_code(
    *, order: Order, shown: int, by: User, group_keys: bool = False
) -> TeacherCode:
    """Replace the teacher code of an order, and of all its renewals that share the code.

    The old code stops working; people who joined with it stay. With `group_keys`, the group keys
    of all its teachers are replaced too, as students join with them, and the teachers notified.

    `shown` is the primary key of the code to replace, so that repeated or concurrent submissions
    replace it only once.
    """
    can_replace_code.require(order, by)
    with audited("teacher code.replaced", by=by):
        hold_tree()
        # A renewal is locked after the order that it renews, as everywhere.
        sharing = Order.objects.filter(teacher_code=shown).order_by("pk")
        locked: list[Order] = []
        # Repeat if a renewal was approved while waiting for the locks.
        while len(found := list(sharing.select_for_update(of=("self",)))) > len(locked):
            locked = found
        if order.pk not in {each.pk for each in locked}:
            raise DomainError(_("The teacher code was already replaced."))
        old, code = TeacherCode.objects.get(pk=shown), make_teacher_code()
        Order.objects.filter(pk__in=[each.pk for each in locked]).update(teacher_code=code)
        changes = differences({"teacher_code": str(old)}, {"teacher_code": str(code)})
        for each in locked:
            sides = (each.assigned_to, each.assigned_by_organization)
            write_activity(ActivityKind.CODE_REPLACED, each, *sides, by=by, changes=changes)
        if group_keys:
            _replace_group_keys(locked, order, by)
    return code


def _replace_group_keys(locked: list[Order], order: Order, by: User) -> None:
    """Replace the group keys of the teachers on locked orders that share a teacher code."""
    teaching = Enrollment.objects.current().teachers().filter(order__in=locked)
    keys = GroupKey.objects.filter(pk__in=teaching.values("group_key")).order_by("pk")
    for key in keys.select_for_update():
        change_key(key)
    teachers = teaching.exclude(group_key=None).values_list("user", flat=True)
    emails.notify_group_keys_replaced.enqueue(
        order.pk, sorted(set(teachers)), by.pk, str(timezone.now())
    )


def make_teacher_code(typed: str = "") -> TeacherCode:
    """Create the entered teacher code, or a random one. Raises DomainError if it is taken."""
    if typed.strip():
        code = normalize(typed)
        if not re.fullmatch(rf"[0-9A-Z]{{{LENGTH}}}", code):
            raise DomainError(
                _("Enter 5-4-4 letters and digits, for example U7DA7-NIFE-3017."),
                field="teacher_code",
            )
        made, is_new = TeacherCode.objects.get_or_create(code=code)
        if not is_new:
            raise DomainError(
                _("The teacher code %(code)s is already in use.") % {"code": made},
                field="teacher_code",
            )
        return made
    while True:
        try:
            with transaction.atomic():
                return TeacherCode.objects.create(code=random_characters(LENGTH)[:LENGTH])
        except IntegrityError:
            continue


def key_of(user: User, order: Order) -> GroupKey:
    """Return the teacher's key from an order with the same teacher code, or a new key."""
    teaching = Enrollment.objects.current().filter(
        user=user, role=EnrollmentRole.TEACHER, order__teacher_code=order.teacher_code_id
    )
    there = teaching.exclude(group_key=None).select_related("group_key").first()
    key = there.group_key if there else None
    return key or _new_key()


def _new_key() -> GroupKey:
    while True:
        try:
            with transaction.atomic():
                return GroupKey.objects.create(key=new_key())
        except IntegrityError:
            continue


def replace_group_key(*, teacher: Enrollment, by: User) -> GroupKey:
    """Replace a teacher's group key; the old key stops working immediately.

    A teacher without a key gets the first one. Raises NotAllowed for anyone else.
    """
    if teacher.role != EnrollmentRole.TEACHER or teacher.user_id != by.pk:
        raise NotAllowed(_("Only the teacher can replace a group key."))
    with audited("group key.replaced", by=by) as act:
        order = Order.objects.select_for_update(of=("self",)).get(pk=teacher.order_id)
        teacher = Enrollment.objects.select_related("group_key").get(pk=teacher.pk)
        act.on(teacher)
        if teacher.removed_at:
            raise DomainError(_("You were removed from this license."))
        key = teacher.group_key
        if key is None:
            key = key_of(by, order)
            Enrollment.objects.current().filter(
                user=by,
                role=EnrollmentRole.TEACHER,
                order__teacher_code=order.teacher_code_id,
                group_key=None,
            ).update(group_key=key)
            return key
        change_key(key)
    return key


def change_key(key: GroupKey) -> None:
    """Change a group key, in the caller's transaction. The old key stops working."""
    while True:
        key.key = new_key()
        try:
            with transaction.atomic():
                key.save(update_fields=["key"])
            return
        except IntegrityError:
            continue


def why_not_to_send(order: Order) -> str:
    """Return why no one could join with the order's teacher code; empty if they can, or will."""
    today = timezone.localdate()
    if not order.is_approved:
        return _("This order has no teacher code yet.")
    if order.finish_date is not None and order.finish_date < today:
        return _("The license ended on %(day)s.") % {"day": order.finish_date}
    if order.is_suspended:
        return _("The license is suspended, so no one can join it.")
    if not order.is_active:
        return _("The license is not active. Switch on Active License under Edit first.")
    # In a chain of renewals, the code works for the newest order.
    sharing = Order.objects.in_force(today).filter(teacher_code=order.teacher_code_id)
    leads_to = sharing.order_by("-pk").first() or order
    if leads_to.joining_paused_at is not None:
        return _("Enrollment is paused. Resume enrollment under Usage first.")
    return ""


def send_teacher_code(*, order: Order, addresses: str, by: User, note: str = "") -> list[str]:
    """Email the order's teacher code to future teachers; return their addresses.

    Each email stays on record as a notice. A code that no longer works is refused; a license that
    starts later is fine.
    """
    can_send_code.require(order, by)
    note = check_plain(note, field="note", most=NOTE_LENGTH)
    sent_to = _addresses_in(addresses)
    if reason := why_not_to_send(order):
        raise DomainError(reason)
    with audited("teacher code.sent", by=by) as act:
        act.on(order)
        act.changes(None, {"addresses": len(sent_to)})
        _count(order, len(sent_to), by)
        for address in sent_to:
            emails.post_teacher_code(order, address=address, note=note, by=by)
    return sent_to


def _count(order: Order, number: int, by: User) -> None:
    """Count emails toward the limits of 24 hours; raise DomainError if there are too many.

    One statement locks the counters until the caller's transaction ends, so the numbers are
    exact. Refused emails aren't counted, as the transaction is rolled back.
    """
    limits = {
        f"teacher code emails of organization {order.assigned_to_id}": (
            settings.TEACHER_CODE_EMAILS_PER_ORGANIZATION
        ),
        f"teacher code emails of person {by.pk}": settings.TEACHER_CODE_EMAILS_PER_PERSON,
    }
    count(dict.fromkeys(limits, timedelta(days=1)), number)
    # Read again, as old counters may have been reset.
    found = Tally.objects.in_bulk(limits)
    for key, most in limits.items():
        left = most - (found[key].number - number)
        if left < number:
            text = _(
                "You can send at most %(most)d teacher code emails in 24 hours, and %(left)d more "
                "now. Nothing was sent."
            ) % {"most": most, "left": max(left, 0)}
            wait = try_again_in(found[key].forget_at - timezone.now())
            raise DomainError(f"{text} {wait}", field="addresses")


def _addresses_in(text: str) -> list[str]:
    """Return the distinct addresses in a text; raise DomainError for an invalid one."""
    addresses = addresses_in(text)
    if not addresses:
        raise DomainError(_("Enter at least one email address."), field="addresses")
    if len(addresses) > MOST_ADDRESSES:
        raise DomainError(
            _("At most %(most)d addresses at a time.") % {"most": MOST_ADDRESSES},
            field="addresses",
        )
    for address in addresses:
        try:
            validate_email(address)
            MaxLengthValidator(254)(address)
        except ValidationError:
            raise DomainError(
                _("“%(address)s” is not an email address.") % {"address": address[:80]},
                field="addresses",
            ) from None
    return addresses
