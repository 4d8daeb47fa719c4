"""The Edit Order window, and suspending and resuming an order."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from jasper_inventory.accounts.decorators import (
    MemberHttpRequest,
    administrator_required,
    supplier_required,
)
from jasper_inventory.accounts.models import Membership, Organization
from jasper_inventory.lib.dialogs import back_url
from jasper_inventory.lib.form_recovery import keeps_typed, typed_data
from jasper_inventory.lib.forms import attempt, focus_first_error
from licenses import activity
from licenses.actions import order_actions
from licenses.forms.orders import OrderActiveForm, OrderEditForm, OrderResumeForm, OrderSuspendForm
from licenses.models import Order, ProductFamily, RequestFields, request_behind
from licenses.permissions import can_activate, can_edit, can_suspend
from licenses.services.order_edits import edit_order, set_active
from licenses.services.suspensions import resume_order, suspend_order
from licenses.views.shortcuts import acted, get_order, order_link, permitted_order

# The Transfers page has the rest.
TRANSFERS_SHOWN = 20


@keeps_typed
@require_http_methods(["GET", "POST"])
@administrator_required
def order_edit(request: MemberHttpRequest, number: int) -> HttpResponse:
    """Edit Order: the holder edits *Active License*, the assigner edits the rest."""
    today, data, role = timezone.localdate(), typed_data(request), request.membership
    order = get_order(request, number)
    is_own, is_allocated = can_activate(order, role), can_edit(order, role)
    form: OrderEditForm | OrderActiveForm | None = None
    if is_allocated:
        form = _edit_form(request, data, order, today)
    elif is_own and order.is_approved:
        initial = {"is_active": order.is_active, "shown_active": order.is_active}
        form = OrderActiveForm(data, initial=initial)
    if request.method == "POST":
        if form is None:
            raise PermissionDenied
        if form.is_valid() and _saved(request, order, form):
            return redirect(back_url(request))
    if form and form.is_bound:
        focus_first_error(form)
    context = {
        "order": order,
        "actions": [act for act in order_actions(order, role) if act.name != "edit"],
        "is_own": is_own,
        "is_allocated": is_allocated,
        **_names(role, order),
        "parent": form.parent if isinstance(form, OrderEditForm) else None,
        "behind": _behind(role, order) if is_own else None,
        "renewals": _pending_renewals(order),
        "form": form,
        "products_wrong": isinstance(form, OrderEditForm) and form.only_products_wrong,
        **_tabs(role, order, is_allocated=is_allocated),
    }
    return render(request, "licenses/order_edit.html", context)


def _names(role: Membership, order: Order) -> dict[str, Any]:
    """Return the names to show: no former suppliers of the holder (see terms_known_to)."""
    stopped_by = order.stopped_by()
    names_stopper = order.assigned_to_id == role.organization_id or (
        stopped_by is not None and order.has_above(stopped_by.suspended_by_organization)
    )
    return {
        "supplier": _supplier(order) if order.assigned_to_id == role.organization_id else None,
        "names_assigner": order.shows_terms or order.assigner is not None,
        "names_asker": order.shows_terms and (order.is_by_proxy or not order.is_approved),
        "stopped_by": stopped_by,
        "names_stopper": names_stopper,
    }


def _edit_form(
    request: MemberHttpRequest, data: QueryDict | None, order: Order, today: date
) -> OrderEditForm:
    assert order.parent_id  # only CCI, in the admin, assigns without one
    # With the status that the window shows.
    order.parent = Order.objects.with_status(today).get(pk=order.parent_id)
    form = OrderEditForm(data, order=order)
    form.link_to = order_link(request)
    return form


def _supplier(order: Order) -> Organization | None:
    """Return the license holder's supplier, which nearly always assigned the order."""
    holder, assigner = order.assigned_to, order.assigned_by_organization
    is_supplier = assigner is not None and holder.is_child_of(assigner)
    return assigner if is_supplier else holder.supplier


def _behind(role: Membership, order: Order) -> RequestFields | None:
    """Return the request that the order was requested to fill; None if no longer visible."""
    # Only suppliers forward requests.
    may_fill = order.requested_at and order.assigned_to.is_supplier
    first = request_behind(order) if may_fill else None
    if first is None:
        return None
    visible = Order.objects.visible_to(role).filter(pk=first.asked_order.pk)
    return first if visible.exists() else None


def _pending_renewals(order: Order) -> list[RequestFields]:
    """Return the pending requests to renew an order; each request with what shows its progress."""
    renewals: list[RequestFields] = []
    if order.is_approved:
        renewals += order.renewal_requests.pending().select_related("requested_to").order_by()
    Order.objects.add_forwards([order, *renewals])
    return renewals


def _tabs(role: Membership, order: Order, *, is_allocated: bool) -> dict[str, Any]:
    """Return the context of the window's other tabs."""
    # The form has the products that its reader may change.
    ticked = set() if is_allocated else order.product_keys
    families = [] if is_allocated else ProductFamily.objects.with_products(kept=ticked)
    transfers = activity.newest_transfers(order, role)
    return {
        "families": families,
        "ticked": ticked,
        "transfers": transfers,
        "transfers_shown": TRANSFERS_SHOWN,
        "acts": activity.acts_of(order, role, transfers=transfers),
        "acts_shown": activity.MOST,
    }


def _saved(request: MemberHttpRequest, order: Order, form: OrderEditForm | OrderActiveForm) -> bool:
    """Save the submitted form; return whether the window can close."""
    if isinstance(form, OrderEditForm):
        return _save_edit(request, order, form)
    return _save_active(request, order, form)


def _save_edit(request: MemberHttpRequest, order: Order, form: OrderEditForm) -> bool:
    """Save the changes: see `_saved`."""
    values = form.changed_values()
    reason = values.pop("reason", "")
    if not values:
        messages.info(request, _("You made no changes to order %(order)s.") % {"order": order})
        return True
    saved = attempt(
        form,
        edit_order,
        link_to=order_link(request),
        order=order,
        by=request.user,
        reason=reason,
        shown=form.shown_values(),
        **values,
    )
    if saved:
        messages.success(request, _("Order %(order)s was saved.") % {"order": order})
    return bool(saved)


def _save_active(request: MemberHttpRequest, order: Order, form: OrderActiveForm) -> bool:
    """Save a changed *Active License* box: see `_saved`."""
    wanted = form.cleaned_data["is_active"]
    if wanted == form.cleaned_data["shown_active"]:
        messages.info(request, _("You made no changes to order %(order)s.") % {"order": order})
        return True
    changed = attempt(
        form,
        set_active,
        order=order,
        is_active=wanted,
        by=request.user,
        reason=form.cleaned_data["reason"],
    )
    if changed is None:
        return False
    text = _("Order %(order)s is now active.") if wanted else _("Order %(order)s is now inactive.")
    messages.success(request, text % {"order": order})
    return True


@keeps_typed
@require_http_methods(["GET", "POST"])
@supplier_required
def order_suspend(request: MemberHttpRequest, number: int) -> HttpResponse:
    """Suspend License: suspend an order, and every order allocated from it."""
    return acted(
        request,
        permitted_order(request, number, may=can_suspend),
        OrderSuspendForm(typed_data(request)),
        service=suspend_order,
        done=_(
            "Order %(order)s of %(holder)s is suspended. No one can use it until you resume it. "
            "We'll notify %(holder)s."
        ),
        template="licenses/order_suspend.html",
    )


@keeps_typed
@require_http_methods(["GET", "POST"])
@supplier_required
def order_resume(request: MemberHttpRequest, number: int) -> HttpResponse:
    """Resume License: lift the suspension of an order."""
    # The service refuses to resume what CCI suspended, and says so.
    order = permitted_order(request, number, may=can_suspend)
    done = _("Order %(order)s was resumed. We'll notify %(holder)s.")
    if order.suspended_ancestors:
        done += " " + _("It stays suspended until its parent order is resumed.")
    return acted(
        request,
        order,
        OrderResumeForm(typed_data(request)),
        service=resume_order,
        done=done,
        template="licenses/order_resume.html",
    )
