"""The links of an order and of a request: the role's current actions."""

import pytest
from django.utils import timezone

from licenses.actions import order_actions, request_actions, usage_actions
from licenses.models import Order
from licenses.services.suspensions import suspend_order
from tests import factories


@pytest.fixture
def order(hub, hub_admin, center):
    parent = factories.order(assigned_to=hub)
    mix = list(parent.products.all())
    return factories.order(
        assigned_to=center, parent=parent, by=hub_admin.user, product_mix=mix, students=40
    )


def names(order, role, of=order_actions):
    orders = Order.objects.visible_to(role).with_status(timezone.localdate()).with_people()
    return [action.name for action in of(orders.get(pk=order.pk), role)]


def test_the_holder_of_an_assignable_order(order, hub_admin):
    assert names(order.parent, hub_admin) == ["edit", "assign"]


def test_a_center_has_nobody_to_assign_to(order, admin):
    assert names(order, admin) == ["edit"]


def test_the_assigner(order, hub_admin):
    assert names(order, hub_admin) == ["edit", "reclaim", "suspend"]


def test_the_one_that_suspended_it_resumes_it(order, hub_admin, staff):
    suspend_order(order=order, by=hub_admin.user, reason="Unpaid")
    assert names(order, hub_admin) == ["edit", "reclaim", "resume"]


def test_only_cci_resumes_an_order_that_cci_suspended(order, hub_admin, staff):
    suspend_order(order=order, by=staff, reason="Unpaid")
    assert names(order, hub_admin) == ["edit", "reclaim"]


def test_an_expired_order_is_not_suspended(order, hub_admin):
    Order.objects.filter(pk=order.pk).update(finish_date=factories.days(-1))
    assert names(order, hub_admin) == ["edit", "reclaim"]


@pytest.mark.parametrize("make", [factories.license_request, factories.renewal_request])
def test_a_request_of_either_kind(make, admin, hub_admin, foreign_admin, order):
    values = {} if make is factories.license_request else {"order": order}
    pending = make(membership=admin, **values)
    assert [action.name for action in request_actions(pending, admin)] == ["withdraw"]
    assert [action.name for action in request_actions(pending, hub_admin)] == ["review"]
    assert request_actions(pending, foreign_admin) == []


def test_both_sides_manage_joining(order, admin, hub_admin):
    assert names(order, admin, usage_actions) == ["replace_code", "pause"]
    Order.objects.filter(pk=order.pk).update(
        joining_paused_at=timezone.now(), joining_paused_by=admin.user
    )
    assert names(order, hub_admin, usage_actions) == ["replace_code", "unpause"]
