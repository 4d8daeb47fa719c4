"""Shared by the views of orders: finding the order, and windows around one service."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from jasper_inventory.lib.dialogs import back_url
from jasper_inventory.lib.forms import attempt, focus_first_error
from licenses.models import Order, Outcome
from licenses.permissions import Permission


def get_order(request, number, *, may: Permission | None = None, **facts):
    """The order of this number and these facts, with the people that a window names.

    What the active role can't see is 404. With `may`, what it sees but has no permission for is
    403.
    """
    membership = request.membership
    orders = Order.objects.visible_to(membership).with_people()
    orders = orders.with_terms_shown(membership.organization)
    order = get_object_or_404(orders, number=number, **facts)
    if may and not may(order, membership):
        raise PermissionDenied
    return order


def order_link(request):
    """A function: the address of an order in the way; empty where the role may not see it."""

    def link_to(order):
        visible = Order.objects.visible_to(request.membership)
        return order.get_absolute_url() if visible.filter(pk=order.pk).exists() else ""

    return link_to


def acted(request, order, form, *, service, done, template):
    """A window around a service, whose message may name `order`, `holder` and `result`."""
    if request.method == "POST" and form.is_valid():
        result = attempt(form, service, order=order, by=request.user, **form.cleaned_data)
        # A refusal has become an error of the form.
        if form.is_valid():
            names = {"order": order, "holder": order.assigned_to, "result": result}
            messages.success(request, done % names)
            return redirect(back_url(request))
    if form.is_bound:
        focus_first_error(form)
    return render(request, template, {"order": order, "form": form})


def assigned_order(request, number):
    orders = Order.objects.allocated_by(request.membership).with_people()
    return get_object_or_404(orders.with_status(timezone.localdate()), number=number)


def approved_order(request, number, *, may, **facts):
    """The approved order with its status, for those who have the permission; see `get_order`."""
    order = get_order(request, number, may=may, outcome=Outcome.APPROVED, **facts)
    order.status = order.status_on(timezone.localdate())
    return order


def teaching(request, number):
    """The license of this number and the teacher's own enrollment on it; 404 for others."""
    orders = Order.objects.visible_to(request.membership).with_status(timezone.localdate())
    order = get_object_or_404(orders.prefetch_related("products__family"), number=number)
    own = order.enrollments.current().teachers().select_related("group_key", "order")
    return order, own.get(user=request.user)
