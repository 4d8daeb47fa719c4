"""Acts that tests of joins share."""

from licenses.models import Order
from licenses.services.enrollments import copy_enrollments
from licenses.services.joins import join_by_group_key, join_by_teacher_code
from tests import factories
from tests.helpers import change


def teach(order, user=None):
    return join_by_teacher_code(typed=str(order.teacher_code), by=user or factories.person())


def link(teacher, user=None):
    key = str(teacher.group_key)
    return join_by_group_key(typed=key, by=user or factories.person())


def enrolled(order):
    return Order.objects.get(pk=order.pk).enrolled


def renewed(old, **values):
    """A renewal with the same teacher code, which runs at the same time as the old one."""
    new = factories.order(old.inventory_type, assigned_to=old.assigned_to, **values)
    change(new, renewal_of=old, teacher_code=old.teacher_code)
    new.refresh_from_db()
    copy_enrollments(old=old, new=new)
    return new
