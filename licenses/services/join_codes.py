"""Teacher codes and group keys: creating, replacing and sending them."""

import re
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, validate_email
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from jasper_inventory.accounts.models import Notice, Tally, User
from jasper_inventory.accounts.throttling import count
from jasper_inventory.lib.audit import recorded
from jasper_inventory.lib.code_format import LENGTH, new_key, normalize, random_signs
from jasper_inventory.lib.exceptions import DomainError, NotAllowed
from jasper_inventory.lib.plain_text import check_plain
from jasper_inventory.lib.text import addresses_in
from jasper_inventory.lib.waits import try_again_in
from licenses import emails
from licenses.models import Enrollment, EnrollmentRole, GroupKey, Order, TeacherCode
from licenses.permissions import require_guard, require_holder

MOST_ADDRESSES = 20
# A greeting; it goes to people who may not know the sender.
NOTE_LENGTH = 300


def replace_teacher_code(
    *, order: Order, shown: int, by: User, group_keys: bool = False
) -> TeacherCode:
    """Give an order a new teacher code, and all orders of its chain that share the old one.

    The old one opens nothing any more; who joined with it stays. With `group_keys` those of all
    teachers there are replaced too, and the teachers told: students join with them.

    `shown` is the key of the code that was to be replaced: pressed twice, or by two people at
    once, it is replaced once.
    """
    require_guard(order, by)
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


def make_teacher_code(typed: str = "") -> TeacherCode:
    """A new teacher code: the typed one, or a random one. Raises DomainError if it is taken."""
    if typed.strip():
        code = normalize(typed)
        if not re.fullmatch(rf"[0-9A-Z]{{{LENGTH}}}", code):
            raise DomainError(
                _("A teacher code has 5-4-4 letters and digits, such as U7DA7-NIFE-3017."),
                field="teacher_code",
            )
        made, is_new = TeacherCode.objects.get_or_create(code=code)
        if not is_new:
            raise DomainError(
                _("The teacher code %(code)s is taken.") % {"code": made}, field="teacher_code"
            )
        return made
    while True:
        try:
            with transaction.atomic():
                return TeacherCode.objects.create(code=random_signs(LENGTH)[:LENGTH])
        except IntegrityError:
            continue


def key_of(user: User, order: Order) -> GroupKey:
    """The key that a teacher has on an order of the same teacher code; else a new one."""
    teaching = Enrollment.objects.current().filter(
        user=user, role=EnrollmentRole.TEACHER, order__teacher_code=order.teacher_code_id
    )
    there = teaching.exclude(group_key=None).select_related("group_key").first()
    return there.group_key if there else _new_key()


def _new_key() -> GroupKey:
    while True:
        try:
            with transaction.atomic():
                return GroupKey.objects.create(key=new_key())
        except IntegrityError:
            continue


def replace_group_key(*, teacher: Enrollment, by: User) -> GroupKey:
    """Give a teacher's group another key; the old one stops working at once.

    A teacher from before there were keys gets the first one. Raises NotAllowed for anyone else.
    """
    if teacher.role != EnrollmentRole.TEACHER or teacher.user_id != by.pk:
        raise NotAllowed(_("Only the teacher may replace a group key."))
    with recorded("group key.replaced", by=by):
        order = Order.objects.select_for_update(of=("self",)).get(pk=teacher.order_id)
        teacher = Enrollment.objects.select_related("group_key").get(pk=teacher.pk)
        if teacher.removed_at:
            raise DomainError(_("You were taken off this license."))
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
    """Make a group key another one, in the caller's transaction; the old one opens nothing."""
    while True:
        key.key = new_key()
        try:
            with transaction.atomic():
                key.save(update_fields=["key"])
            return
        except IntegrityError:
            continue


def why_not_to_send(order: Order) -> str:
    """Why its teacher code would bring nobody to the order; empty where it does, or will."""
    today = timezone.localdate()
    if not order.is_approved:
        return _("The order has no teacher code yet.")
    if order.finish_date is not None and order.finish_date < today:
        return _("The license ended on %(day)s.") % {"day": order.finish_date}
    if order.is_suspended:
        return _("The license is suspended: nobody can join it.")
    if not order.is_active:
        return _("The license is not active: activate it under Edit first.")
    # Where the code leads today: of a chain of renewals to the newest one.
    sharing = Order.objects.in_force(today).filter(teacher_code=order.teacher_code_id)
    leads_to = sharing.order_by("-pk").first() or order
    if leads_to.joining_paused_at is not None:
        return _("New enrollments are paused: allow them under Students over Time first.")
    return ""


def send_teacher_code(
    *, order: Order, addresses: str, by: User, note: str = "", form_token: UUID | None = None
) -> list[str]:
    """Email the order's teacher code to people who are to teach on it; return their addresses.

    Each email is a notice that stays on record. A form sent twice sends it once. A code that
    opens nothing is not sent; one of a license that starts later is.
    """
    require_holder(order, by)
    note = check_plain(note, field="note", most=NOTE_LENGTH)
    sent_to = _addresses_in(addresses)
    if reason := why_not_to_send(order):
        raise DomainError(reason)
    event = f"teacher code {order.pk} {form_token}" if form_token else None
    with recorded("teacher code.sent", by=by):
        if new := _new_addresses(sent_to, event):
            _count(order, len(new), by)
        for address in sent_to:
            emails.post_teacher_code(order, address=address, note=note, by=by, event=event)
    return sent_to


def _new_addresses(addresses: list[str], event: str | None) -> set[str]:
    """Those that the same form hasn't sent the code to yet."""
    if event is None:
        return set(addresses)
    sent = Notice.objects.filter(event=event, address__in=addresses)
    return set(addresses) - set(sent.values_list("address", flat=True))


def _count(order: Order, number: int, by: User) -> None:
    """So many emails more in 24 hours; raise DomainError where there would be too many.

    Written by one statement that locks the counters until the caller's transaction ends, so the
    numbers are exact. What is refused isn't counted: the transaction is undone.
    """
    limits = {
        f"teacher code emails of organization {order.assigned_to_id}": (
            settings.TEACHER_CODE_EMAILS_PER_ORGANIZATION
        ),
        f"teacher code emails of person {by.pk}": settings.TEACHER_CODE_EMAILS_PER_PERSON,
    }
    count(dict.fromkeys(limits, timedelta(days=1)), number)
    # Whether forgotten by now or not.
    found = Tally.objects.in_bulk(limits)
    for key, most in limits.items():
        left = most - (found[key].number - number)
        if left < number:
            text = _(
                "At most %(most)d teacher code emails can be sent in 24 hours. %(left)d more can "
                "be sent now. Nothing was sent."
            ) % {"most": most, "left": max(left, 0)}
            wait = try_again_in(found[key].forget_at - timezone.now())
            raise DomainError(f"{text} {wait}", field="addresses")


def _addresses_in(text: str) -> list[str]:
    """The addresses in a text, each once; DomainError naming the one that is none."""
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
