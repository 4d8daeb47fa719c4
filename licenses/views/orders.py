"""The Edit Order and Request New License windows, and withdrawing a request."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from jasper_inventory.accounts.decorators import administrator_required
from jasper_inventory.accounts.models import Organization
from jasper_inventory.lib.dialogs import back_url
from jasper_inventory.lib.exceptions import DomainError
from jasper_inventory.lib.form_recovery import keeps_typed, typed_data
from jasper_inventory.lib.forms import attempt, focus_first_error
from licenses import history, services
from licenses.access import get_order, is_assigner, order_link
from licenses.forms import OrderActiveForm, OrderEditForm, OrderRequestForm
from licenses.models import Order, ProductFamily, Transfer, request_behind

# The rest stands on the Transfers page.
TRANSFERS_SHOWN = 20


@keeps_typed
@require_http_methods(["GET", "POST"])
@administrator_required
def order_edit(request, number):
    """Edit Order: the holder switches *Active License*, who assigned it changes the rest."""
    today, data, role = timezone.localdate(), typed_data(request), request.membership
    order = get_order(request, number)
    order.status = order.status_on(today)
    is_own, is_given = order.assigned_to_id == role.organization_id, is_assigner(role, order)
    form, saved = None, None
    if is_given:
        form, saved = _edit_form(request, data, order), _save_edit
    elif is_own and order.is_approved:
        initial = {"is_active": order.is_active, "shown_active": order.is_active}
        form, saved = OrderActiveForm(data, initial=initial), _save_active
    if request.method == "POST" and form is None:
        raise PermissionDenied
    if request.method == "POST" and form.is_valid() and saved(request, order, form):
        return redirect(back_url(request))
    if form and form.is_bound:
        focus_first_error(form)
    context = {
        "order": order,
        "role": role,
        "is_own": is_own,
        "is_given": is_given,
        **_names(role, order),
        "source": _with_status(order.source_id, today) if is_given else None,
        "behind": _behind(role, order) if is_own else None,
        "form": form,
        "products_wrong": bool(is_given and form.only_products_wrong),
        **_tabs(role, order),
    }
    return render(request, "licenses/order_edit.html", context)


def _names(role, order):
    """What may be named: nobody who supplied the holder before it moved (see terms_known_to)."""
    stopped_by = order.stopped_by()
    names_stopper = order.assigned_to_id == role.organization_id or (
        stopped_by is not None and order.has_above(stopped_by.suspended_by_organization)
    )
    return {
        "names_assigner": order.shows_terms or order.assigner is not None,
        "names_asker": order.shows_terms and (order.is_by_proxy or not order.is_approved),
        "stopped_by": stopped_by,
        "names_stopper": names_stopper,
    }


def _edit_form(request, data, order):
    form = OrderEditForm(data, order=order)
    form.link_to = order_link(request)
    return form


def _with_status(pk, today):
    return Order.objects.with_status(today).get(pk=pk)


def _behind(role, order):
    """The request that a role's own one was made to fill; None where it sees that no more."""
    first = request_behind(order) if order.requested_at else None
    if first is None:
        return None
    visible = Order.objects.visible_to(role).filter(pk=first.asked_order.pk)
    return first if visible.exists() else None


def _tabs(role, order):
    """What the window's other tabs show."""
    ticked = services.product_ids(order)
    transfers = Transfer.objects.visible_to(role)
    return {
        "families": ProductFamily.objects.with_products(kept=ticked),
        "ticked": ticked,
        "transfers": list(transfers.of_order(order).with_people()[: TRANSFERS_SHOWN + 1]),
        "transfers_shown": TRANSFERS_SHOWN,
        "acts": history.acts_of(order, role),
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
    role = request.membership
    named = _named_organization(request, role)
    form = OrderRequestForm(typed_data(request), role=role, organization=named)
    is_sent = request.method == "POST" and form.is_valid() and not form.is_choosing
    made = _submit(request, form) if is_sent else None
    if made:
        messages.success(request, _submitted(request, made))
        return redirect(back_url(request))
    if form.is_bound:
        focus_first_error(form)
    organization = form.organization
    context = {
        "form": form,
        "asking": role.organization,
        "for_other": organization if organization != role.organization else None,
        "supplier": organization.supplier,
        "available": Order.objects.held_by(organization).available(timezone.localdate()).count(),
    }
    return render(request, "licenses/order_request.html", context)


def _named_organization(request, role):
    """The organization that the address names, of the role's scope; else the role's own."""
    named = request.GET.get("for", "").strip()
    if not named:
        return role.organization
    if not named.isascii() or not named.isdecimal() or len(named) > 18:
        raise Http404
    return get_object_or_404(Organization.objects.visible_to(role), pk=named)


def _submitted(request, made):
    """What the message says: for whom it was requested, and what happens next."""
    text = _("The request was successfully submitted.")
    if made.assigned_to != request.membership.organization:
        text = _("The request for %(holder)s was successfully submitted.")
    text += " " + _(
        "%(supplier)s will review the request for a new license for %(holder)s (order %(order)s). "
        "We'll notify you; until then, you can withdraw it."
    )
    names = {"holder": made.assigned_to, "supplier": made.requested_to, "order": made}
    return text % names


def _submit(request, form):
    data = form.cleaned_data
    return attempt(
        form,
        services.request_order,
        organization=form.organization,
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
            text = _(
                "The request was withdrawn. %(supplier)s can no longer approve the request for a "
                "new license for %(holder)s (order %(order)s)."
            )
            names = {"supplier": order.requested_to, "holder": order.assigned_to, "order": order}
            messages.success(request, text % names)
        except DomainError as error:
            messages.error(request, error)
        return redirect(back_url(request))
    return render(request, "licenses/order_withdraw.html", {"order": order})
