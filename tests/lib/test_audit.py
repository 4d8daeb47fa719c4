"""Every change leaves a history record that names the act, the actor and the reason."""

import pytest

from jasper_inventory.accounts.models import Membership, Role
from jasper_inventory.lib.audit import audited
from licenses.models import Order
from tests import factories
from tests.helpers import last_act


def test_a_change_names_act_actor_and_reason(staff):
    order = factories.order()
    with audited("order.tested", by=staff, reason="because"):
        order.purchase_order = "PO 1"
        order.save()
    assert last_act(order) == {"action": "order.tested", "user": staff.pk, "reason": "because"}


def test_without_a_reason_none_is_written(staff):
    order = factories.order()
    with audited("order.tested", by=staff):
        Order.objects.filter(pk=order.pk).update(purchase_order="PO 1")
    assert last_act(order) == {"action": "order.tested", "user": staff.pk}


def test_a_bulk_update_does_not_escape(staff):
    orders = [factories.order() for _ in range(3)]
    with audited("orders.tested", by=staff):
        Order.objects.filter(pk__in=[order.pk for order in orders]).update(purchase_order="PO 1")
    assert [last_act(order)["action"] for order in orders] == ["orders.tested"] * 3


def test_the_end_of_a_row_is_recorded(staff):
    membership = factories.member()
    key = membership.pk
    with audited("role.tested", by=staff):
        membership.delete()
    event = Membership.events.rel.related_model.objects.filter(pgh_obj_id=key).last()
    assert event.pgh_label == "delete"
    assert event.role == Role.ADMINISTRATOR
    assert event.pgh_context.metadata["action"] == "role.tested"


def test_a_failed_act_leaves_neither_change_nor_record(staff):
    order = factories.order()
    before = order.events.count()
    with pytest.raises(ZeroDivisionError), audited("order.tested", by=staff):
        Order.objects.filter(pk=order.pk).update(purchase_order="PO 1")
        raise ZeroDivisionError
    order.refresh_from_db()
    assert order.purchase_order == ""
    assert order.events.count() == before


def test_a_password_is_not_in_the_history(staff):
    event_fields = {field.name for field in staff.events.model._meta.get_fields()}
    assert "username" in event_fields
    assert not {"password", "last_login"} & event_fields


@pytest.mark.django_db(transaction=True)
def test_a_later_write_does_not_carry_the_act():
    by = factories.staff()
    order = factories.order(by=by)
    with audited("order.tested", by=by):
        Order.objects.filter(pk=order.pk).update(purchase_order="PO 1")
    Order.objects.filter(pk=order.pk).update(purchase_order="PO 2")
    events = order.events.order_by("-pgh_id")[:2]
    assert events[0].pgh_context is None
    assert events[1].pgh_context.metadata["action"] == "order.tested"
