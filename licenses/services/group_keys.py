"""A teacher's group keys: given on joining, replaced by the teacher, or with the teacher code."""

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from jasper_inventory.accounts.models import User
from jasper_inventory.lib.audit import recorded
from jasper_inventory.lib.code_format import new_key
from jasper_inventory.lib.exceptions import DomainError, NotAllowed
from licenses.models import Enrollment, EnrollmentRole, GroupKey, Order


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
