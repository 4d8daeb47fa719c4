"""The windows Assign License and Reclaim Seats, and the list of transfers."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from jasper_inventory.accounts.decorators import (
    MemberHttpRequest,
    administrator_required,
    supplier_required,
)
from jasper_inventory.accounts.list_exports import list_export
from jasper_inventory.accounts.organization_field import OrganizationField
from jasper_inventory.accounts.submissions import submit_once
from jasper_inventory.lib.dialogs import back_url
from jasper_inventory.lib.exports import ListFile
from jasper_inventory.lib.form_recovery import keeps_typed, typed_data
from jasper_inventory.lib.forms import attempt, field_of, focus_first_error
from jasper_inventory.lib.pagination import MergingPaginator, sized_page
from jasper_inventory.lib.replica import reads_replica
from licenses.forms.allocations import OrderAssignForm, OrderReclaimForm
from licenses.models import Order, Transfer
from licenses.models.allocations import NEWEST_FIRST, TransferQuerySet
from licenses.permissions import can_reclaim
from licenses.services.orders import assign_order
from licenses.services.reclaims import reclaim_seats
from licenses.terms import Terms
from licenses.transfer_exports import transfer_file
from licenses.transfer_filters import TransferFilter
from licenses.views.shortcuts import order_link, permitted_order


@keeps_typed
@require_http_methods(["GET", "POST"])
@supplier_required
@submit_once
def order_assign(request: MemberHttpRequest, number: int) -> HttpResponse:
    """Assign License: allocate seats of one of our own orders to a direct sub-organization."""
    today = timezone.localdate()
    orders = Order.objects.manageable_by(request.membership).approved().with_people()
    parent = get_object_or_404(orders.with_status(today), number=number)
    form = OrderAssignForm(typed_data(request), parent=parent, today=today)
    form.link_to = order_link(request)
    if request.method == "POST" and form.is_valid():
        made = _assign(request, parent, form)
        if made:
            text = _("Order %(order)s was assigned to %(holder)s. We'll notify its administrators.")
            names = {"order": made, "holder": made.assigned_to}
            messages.success(request, text % names)
            return redirect(back_url(request))
    if form.is_bound:
        focus_first_error(form)
    context = {
        "parent": parent,
        "form": form,
        "why_not": "" if form.is_bound else _why_not(parent, form),
    }
    return render(request, "licenses/order_assign.html", context)


def _why_not(parent: Order, form: OrderAssignForm) -> str:
    """Return why nothing can be assigned from the order now; empty if something can."""
    if not parent.is_allocatable:
        return _("Nothing can be assigned from this order now.")
    if not field_of(form, "assigned_to", OrganizationField).organizations.exists():
        return _("Your organization has no direct sub-organizations.")
    return ""


def _assign(request: MemberHttpRequest, parent: Order, form: OrderAssignForm) -> Order | None:
    data = form.cleaned_data
    return attempt(
        form,
        assign_order,
        link_to=order_link(request),
        assigned_to=data["assigned_to"],
        inventory_type=parent.inventory_type,
        products=data["products"],
        terms=Terms(
            start_date=data["start_date"],
            finish_date=data["finish_date"],
            students=data.get("students"),
            number_of_codes=data.get("number_of_codes"),
            users_per_code=parent.users_per_code,
            duration=data.get("duration"),
        ),
        parent=parent,
        purchase_order=data["purchase_order"],
        comments=data["approval_comments"],
        by=request.user,
    )


@keeps_typed
@require_http_methods(["GET", "POST"])
@supplier_required
@submit_once
def order_reclaim(request: MemberHttpRequest, number: int) -> HttpResponse:
    """Reclaim Seats, Reclaim Codes: return unused ones to the parent order."""
    order = permitted_order(request, number, may=can_reclaim)
    form = OrderReclaimForm(typed_data(request), order=order)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        taken = attempt(
            form,
            reclaim_seats,
            order=order,
            number=data["number"],
            reason=data["reason"],
            by=request.user,
        )
        if taken:
            messages.success(request, _reclaimed(order, data["number"]))
            return redirect(back_url(request))
    if form.is_bound:
        focus_first_error(form)
    # An unlimited order has no seats to reclaim.
    nothing = not form.is_bound and not (order.parent_id and order.unused)
    context = {"order": order, "form": form, "nothing": nothing}
    return render(request, "licenses/order_reclaim.html", context)


def _reclaimed(order: Order, number: int) -> str:
    text = ngettext(
        "%(number)s seat was reclaimed from order %(order)s of %(holder)s. It is available again "
        "in order %(parent)s.",
        "%(number)s seats were reclaimed from order %(order)s of %(holder)s. They are available "
        "again in order %(parent)s.",
        number,
    )
    if order.is_codes:
        text = ngettext(
            "%(number)s code was reclaimed from order %(order)s of %(holder)s. It is available "
            "again in order %(parent)s.",
            "%(number)s codes were reclaimed from order %(order)s of %(holder)s. They are "
            "available again in order %(parent)s.",
            number,
        )
    names = {"order": order, "holder": order.assigned_to, "parent": order.parent}
    return text % {"number": f"{number:,}", **names}


def _search(request: MemberHttpRequest) -> TransferFilter:
    return TransferFilter(request.GET, request=request)


def _listed(request: MemberHttpRequest) -> TransferQuerySet:
    return Transfer.objects.visible_to(request.membership).with_people()


@require_safe
@administrator_required
@reads_replica
def transfer_list(request: MemberHttpRequest) -> HttpResponse:
    """Transfers: seats and codes allocated or reclaimed in the role's scope, newest first."""
    search = _search(request)
    listed = _listed(request)
    shown = sized_page(
        request, lambda size: MergingPaginator(search.parts, NEWEST_FIRST, listed, size)
    )
    context = {"search": search, **shown}
    return render(request, "licenses/transfer_list.html", context)


@require_safe
@administrator_required
@list_export
def transfer_download(request: MemberHttpRequest, _typed: str | None) -> ListFile:
    """Download the listed transfers."""
    found = _search(request).found
    return transfer_file(_listed(request).filter(pk__in=found.values("pk")))
