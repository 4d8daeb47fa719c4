"""How a view gets the order that its address names."""

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404

from licenses.models import Order


def get_order(request, number, *, holder_only=False, **facts):
    """The order of this number and these facts, with the people that a window names.

    What the active role can't see is 404. With `holder_only`, what it may see but not work on,
    since another organization holds it, is 403.
    """
    membership = request.membership
    orders = Order.objects.visible_to(membership).with_people()
    orders = orders.with_terms_shown(membership.organization)
    order = get_object_or_404(orders, number=number, **facts)
    if holder_only and not is_holder(request, order):
        raise PermissionDenied
    return order


def order_link(request):
    """A function: the address of an order in the way; empty where the role may not see it."""

    def link_to(order):
        visible = Order.objects.visible_to(request.membership)
        return order.get_absolute_url() if visible.filter(pk=order.pk).exists() else ""

    return link_to


def is_holder(request, order):
    """Whether the active role's organization holds the order."""
    return order.assigned_to_id == request.membership.organization_id


def is_assigner(role, order):
    """Whether a role's organization assigned the order."""
    return Order.objects.given_by(role).filter(pk=order.pk).exists()


def may_guard(request, order):
    """Whether the active role's organization holds the order or assigned it."""
    mine = request.membership.organization_id
    return mine in (order.assigned_to_id, order.assigned_by_organization_id)
