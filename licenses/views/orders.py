"""The Edit Order and Request New License windows, and withdrawing a request."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from jasper_inventory.accounts.access import administrator_required
from jasper_inventory.accounts.models import Organization
from jasper_inventory.lib.dialogs import back_to_window, back_url
from jasper_inventory.lib.exceptions import DomainError
from jasper_inventory.lib.forms import attempt, focus_first_error
from jasper_inventory.lib.unsent import keeps_typed, typed_data
from licenses import history, services
from licenses.access import get_order, is_assigner, is_holder, order_link
from licenses.forms import OrderActiveForm, OrderEditForm, OrderRequestForm, RequestForForm
from licenses.models import Order, ProductFamily, Transfer

# The rest stands on the Transfers page.
TRANSFERS_SHOWN = 20


@keeps_typed
@require_http_methods(["GET", "POST"])
@administrator_required
def order_edit(request, number):
    """Edit Order: the holder switches *Active License*, who assigned it changes the rest."""
    today = timezone.localdate()
    order = get_order(request, number)
    order.status = order.status_on(today)
    is_own, is_given = is_holder(request, order), is_assigner(request, order)
    form, saved = None, None
    if is_given:
        form, saved = OrderEditForm(typed_data(request), order=order), _save_edit
    elif is_own and order.is_approved:
        initial = {"is_active": order.is_active, "shown_active": order.is_active}
        form, saved = OrderActiveForm(typed_data(request), initial=initial), _save_active
    if request.method == "POST" and form is None:
        raise PermissionDenied
    if request.method == "POST" and form.is_valid() and saved(request, order, form):
        return redirect(back_url(request))
    if form and form.is_bound:
        focus_first_error(form)
    context = {
        "order": order,
        "is_own": is_own,
        "is_given": is_given,
        "source": _with_status(order.source_id, today) if is_given else None,
        "form": form,
        "products_wrong": bool(is_given and form.only_products_wrong),
        **_tabs(request, order),
    }
    return render(request, "licenses/order_edit.html", context)


def _with_status(pk, today):
    return Order.objects.with_status(today).get(pk=pk)


def _tabs(request, order):
    """What the window's other tabs show."""
    ticked = services.product_ids(order)
    transfers = Transfer.objects.visible_to(request.membership)
    return {
        "families": ProductFamily.objects.with_products(kept=ticked),
        "ticked": ticked,
        "transfers": list(transfers.of_order(order).with_people()[: TRANSFERS_SHOWN + 1]),
        "transfers_shown": TRANSFERS_SHOWN,
        "acts": history.acts_of(order, request.membership),
        "acts_shown": history.MOST,
    }


def _save_edit(request, order, form):
    """Save what was changed; return whether the window is done."""
    values = form.changed_values()
    reason = values.pop("reason", "")
    if not values:
        messages.info(request, _("Nothing was changed on order %(order)s.") % {"order": order})
        return True
    saved = attempt(
        form,
        services.edit_order,
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


def _save_active(request, order, form):
    """Switch the box where it was changed; return whether the window is done."""
    wanted = form.cleaned_data["is_active"]
    if wanted == form.cleaned_data["shown_active"]:
        messages.info(request, _("Nothing was changed on order %(order)s.") % {"order": order})
        return True
    changed = attempt(
        form,
        services.set_active,
        order=order,
        is_active=wanted,
        by=request.user,
        reason=form.cleaned_data["reason"],
    )
    if changed is None:
        return False
    text = _("Order %(order)s is active now.") if wanted else _("Order %(order)s is inactive now.")
    messages.success(request, text % {"order": order})
    return True


@keeps_typed
@require_http_methods(["GET", "POST"])
@administrator_required
def order_request(request):
    """Request New License: ask the supplier, for oneself or for an organization below (`for`)."""
    own = request.membership.organization
    for_form = RequestForForm(_typed_name(request), within=own)
    if for_form.is_bound and for_form.is_valid():
        found = {"for": for_form.cleaned_data["for"].pk, "next": back_url(request)}
        return back_to_window(f"{request.path}?{urlencode(found)}")
    organization = _requested_for(request)
    form = OrderRequestForm(typed_data(request), asking=own)
    if request.method == "POST" and form.is_valid() and _submit(request, organization, form):
        messages.success(request, _("The request was successfully submitted."))
        return redirect(back_url(request))
    if form.is_bound:
        focus_first_error(form)
    for_form.initial["for"] = organization
    context = {
        "form": form,
        "for_form": for_form if own.gives_on else None,
        "for_other": organization if organization != own else None,
        "supplier": organization.supplier,
        "available": Order.objects.held_by(organization).available(timezone.localdate()).count(),
    }
    return render(request, "licenses/order_request.html", context)


def _typed_name(request):
    """The query, where it names by its text for whom a license is to be requested."""
    typed = request.GET.get("for", "").strip()
    return request.GET if request.method == "GET" and typed and not typed.isdecimal() else None


def _requested_for(request):
    """The organization that the address names, of the role's scope; else the role's own."""
    chosen = request.GET.get("for", "").strip()
    if not chosen or _typed_name(request):
        return request.membership.organization
    if not chosen.isascii() or not chosen.isdecimal() or len(chosen) > 18:
        raise Http404
    return get_object_or_404(Organization.objects.visible_to(request.membership), pk=chosen)


def _submit(request, organization, form):
    data = form.cleaned_data
    return attempt(
        form,
        services.request_order,
        organization=organization,
        requested_by_organization=request.membership.organization,
        inventory_type=data["inventory_type"],
        products=data["products"],
        students=data["students"],
        users_per_code=data["users_per_code"],
        purchase_order=data["purchase_order"],
        comments=data["requester_comments"],
        form_token=data["form_token"],
        by=request.user,
    )


@require_http_methods(["GET", "POST"])
@administrator_required
def order_withdraw(request, number):
    """Take a pending request for a new license back, after asking once."""
    order = get_order(request, number, requested_at__isnull=False)
    own = request.membership.organization_id
    if own not in (order.assigned_to_id, order.requested_by_organization_id):
        raise PermissionDenied
    if request.method == "POST":
        try:
            services.withdraw_order(order=order, by=request.user)
            messages.success(request, _("The request was withdrawn."))
        except DomainError as error:
            messages.error(request, error)
        return redirect(back_url(request))
    return render(request, "licenses/order_withdraw.html", {"order": order})
