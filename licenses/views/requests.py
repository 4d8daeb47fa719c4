"""The windows that request a license, withdraw a request, review it and forward it."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from jasper_inventory.accounts.decorators import administrator_required, supplier_required
from jasper_inventory.accounts.models import Organization
from jasper_inventory.lib.dialogs import back_url
from jasper_inventory.lib.exceptions import DomainError
from jasper_inventory.lib.form_recovery import keeps_typed, typed_data
from jasper_inventory.lib.forms import attempt, focus_first_error
from licenses.forms.requests import OrderDecideForm, OrderRequestForm, PassOnForm
from licenses.models import Order
from licenses.services.decisions import require_pending
from licenses.services.fulfillment import offer_order, prospect_order
from licenses.services.requests import (
    approve_order,
    pass_on_order,
    reject_order,
    request_order,
    withdraw_order,
)
from licenses.views.shortcuts import get_order, order_link


def require_addressed(request, asked):
    """A request that others decide is 403: of its own scope one may see it."""
    if asked.requested_to_id != request.membership.organization_id:
        raise PermissionDenied


def act(request, asked, form, *, approve, reject):
    """Do what the pressed button says; the response that leads away, or None: show the window.

    Where a colleague was quicker, it says what became of the request.
    """
    if request.method != "POST":
        return None
    if form.is_valid() and form.decision in ("approve", "reject"):
        service = approve if form.decision == "approve" else reject
        done = attempt(form, service, link_to=order_link(request), by=request.user)
        if done:
            order = done if form.decision == "approve" else asked.asked_order
            names = {"organization": asked.requested_by_organization, "order": order}
            messages.success(request, _outcome(asked, form.decision) % names)
            _tell_what_still_waits(request, asked)
            return redirect(back_url(request))
    focus_first_error(form)
    return _led_away(request, asked)


def _outcome(asked, decision):
    if decision == "approve":
        return _(
            "The request of %(organization)s was approved: order %(order)s. We'll notify "
            "%(organization)s."
        )
    if asked == asked.asked_order:
        return _(
            "The request of %(organization)s was rejected. We'll notify %(organization)s that "
            "order %(order)s was not granted."
        )
    return _(
        "The request of %(organization)s was rejected. We'll notify %(organization)s that order "
        "%(order)s was not renewed."
    )


def _tell_what_still_waits(request, asked):
    """Of a decided request that had been passed on: our own request may wait for nothing now."""
    own = Order.objects.pending().filter(pk=asked.passed_on_as_id).select_related("requested_to")
    for order in own:
        text = _(
            "Your own request for it, order %(order)s, still waits at %(supplier)s: withdraw it if "
            "you don't need it any more."
        )
        messages.info(request, text % {"order": order, "supplier": order.requested_to})


def _led_away(request, asked):
    """Where the request waits no more: back, saying so."""
    try:
        require_pending(asked)
    except DomainError as error:
        messages.error(request, error)
        return redirect(back_url(request))
    return None


def window(asked, offer, form, prospect):
    """What both kinds' windows show; `prospect` tells what approving like this would do."""
    can_show = not offer.why_none and (not form.is_bound or form.is_valid())
    return {
        "asked": asked,
        "order": asked.asked_order,
        "offer": offer,
        "form": form,
        "prospect": prospect(**form.chosen()) if can_show and form.decision != "reject" else None,
        "supplier": asked.requested_to.supplier,
    }


@keeps_typed
@require_http_methods(["GET", "POST"])
@supplier_required
def order_decide(request, number):
    """Decide a request for a new license that is addressed to us."""
    order = _asked(request, number)
    offer = offer_order(order)
    form = OrderDecideForm(typed_data(request), asked=order, offer=offer)
    form.link_to = order_link(request)

    def approve(by):
        comments = form.cleaned_data["approval_comments"]
        return approve_order(order=order, by=by, comments=comments, **form.chosen())

    def reject(by):
        comments = form.cleaned_data["approval_comments"]
        return reject_order(order=order, by=by, comments=comments)

    def prospect(source, terms, products):
        pks = {product.pk for product in products}
        return prospect_order(order, source=source, terms=terms, products=pks)

    if done := act(request, order, form, approve=approve, reject=reject):
        return done
    context = window(order, offer, form, prospect)
    context["products"] = order.products.select_related("family")
    return render(request, "licenses/order_decide.html", context)


def _asked(request, number):
    order = get_order(request, number, requested_at__isnull=False, renewal_of=None)
    require_addressed(request, order)
    return order


@keeps_typed
@require_http_methods(["GET", "POST"])
@supplier_required
def order_pass_on(request, number):
    """Pass a request for a new license on to our own supplier."""
    order = _asked(request, number)

    def pass_on(**values):
        return pass_on_order(order=order, **values)

    return passed_on(request, order, pass_on)


def passed_on(request, asked, pass_on):
    """The window that passes a request of either kind on."""
    form = PassOnForm(typed_data(request))
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        made = attempt(
            form,
            pass_on,
            purchase_order=data["purchase_order"],
            comments=data["requester_comments"],
            form_token=data["form_token"],
            by=request.user,
        )
        if made:
            text = _(
                "The request was forwarded to %(supplier)s: order %(order)s. %(supplier)s will "
                "review it. We'll notify you; until then, you can withdraw it."
            )
            messages.success(request, text % {"supplier": made.requested_to, "order": made})
            return redirect(back_url(request))
    if form.is_bound:
        focus_first_error(form)
        asked.refresh_from_db()
    context = {
        "asked": asked,
        "order": asked.asked_order,
        "form": form,
        "products": asked.asked_order.products.select_related("family"),
        "supplier": asked.requested_to.supplier,
    }
    return render(request, "licenses/pass_on.html", context)


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
        request_order,
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
            withdraw_order(order=order, by=request.user)
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
