"""Helpers for views of orders: finding the order, and windows for one service."""

from collections.abc import Callable
from datetime import date
from functools import lru_cache
from typing import Any
from urllib.parse import urldefrag

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from jasper_inventory.accounts.decorators import MemberHttpRequest
from jasper_inventory.accounts.models import Membership
from jasper_inventory.accounts.models.memberships import any_administrator
from jasper_inventory.lib.dialogs import back_url
from jasper_inventory.lib.forms import LinkTo, attempt, focus_first_error
from jasper_inventory.lib.written_queries import ONE, READER, WrittenQuery
from licenses.models import Enrollment, Order, Outcome
from licenses.models.order_queryset import OrderQuerySet
from licenses.permissions import Allowed


def get_order(
    request: MemberHttpRequest, number: int, *, may: Allowed | None = None, **facts: Any
) -> Order:
    """Return the order with this number and these facts, its status, and the people it names.

    404 if the active role can't see it. With `may`, 403 if the role lacks the permission.
    """
    membership = request.membership
    if not membership.is_administrator:
        order = get_object_or_404(_orders(membership, timezone.localdate()), number=number, **facts)
    else:
        level = membership.organization.level
        written = _written_order(level, timezone.localdate(), tuple(facts.items()))
        found = written.read({READER: membership.organization_id, ONE: number})
        if not found:
            raise Http404
        order = found[0]
    if may and not may(order, membership):
        raise PermissionDenied
    return order


def _orders(membership: Membership, today: date) -> OrderQuerySet:
    orders = Order.objects.visible_to(membership).with_people()
    return orders.with_terms_shown(membership.organization).with_status(today)


@lru_cache(maxsize=100)
def _written_order(
    level: int, today: date, facts: tuple[tuple[str, Any], ...]
) -> WrittenQuery[Order]:
    orders = _orders(any_administrator(level), today).filter(number=ONE, **dict(facts))
    return WrittenQuery(orders.order_by())


def at_row(page: str, order: Order) -> str:
    """Return the address of a list with the row of a new order highlighted."""
    return f"{urldefrag(page).url}#order-{order.number}"


def order_link(request: MemberHttpRequest) -> LinkTo:
    """Return a function for the address of an order; empty if the role may not see it."""

    def link_to(order: Model) -> str:
        assert isinstance(order, Order)  # refusals are about orders
        visible = Order.objects.visible_to(request.membership)
        return order.get_absolute_url() if visible.filter(pk=order.pk).exists() else ""

    return link_to


def acted(
    request: MemberHttpRequest,
    order: Order,
    form: forms.Form,
    *,
    service: Callable[..., object],
    done: str,
    template: str,
) -> HttpResponse:
    """Show a window for a service; `done` may use `order`, `holder` and `result`."""
    if request.method == "POST" and form.is_valid():
        result = attempt(form, service, order=order, by=request.user, **form.cleaned_data)
        # The form now has the error of a refused service.
        if form.is_valid():
            names = {"order": order, "holder": order.assigned_to, "result": result}
            messages.success(request, done % names)
            return redirect(back_url(request))
    if form.is_bound:
        focus_first_error(form)
    return render(request, template, {"order": order, "form": form})


def permitted_order(request: MemberHttpRequest, number: int, *, may: Allowed) -> Order:
    """Return the approved order; 404, not 403, if the role lacks the permission."""
    order = get_order(request, number, outcome=Outcome.APPROVED)
    if not may(order, request.membership):
        raise Http404
    return order


def approved_order(request: MemberHttpRequest, number: int, *, may: Allowed, **facts: Any) -> Order:
    """Return the approved order, with the permission; see `get_order`."""
    return get_order(request, number, may=may, outcome=Outcome.APPROVED, **facts)


def teaching(request: MemberHttpRequest, number: int) -> tuple[Order, Enrollment]:
    """Return the license and the teacher's own enrollment on it; 404 for others."""
    orders = Order.objects.visible_to(request.membership).with_status(timezone.localdate())
    order = get_object_or_404(orders, number=number)
    own = order.enrollments.current().teachers().select_related("group_key", "order")
    return order, own.get(user=request.user)
