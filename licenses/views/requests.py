"""The windows that request a license, withdraw a request, review it and forward it."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from jasper_inventory.accounts.decorators import (
    MemberHttpRequest,
    administrator_required,
    supplier_required,
)
from jasper_inventory.accounts.models import Membership, Organization
from jasper_inventory.accounts.submissions import submit_once
from jasper_inventory.lib.dialogs import back_url
from jasper_inventory.lib.exceptions import DomainError
from jasper_inventory.lib.form_recovery import keeps_typed, typed_data
from jasper_inventory.lib.forms import attempt, focus_first_error
from licenses.forms.requests import ForwardForm, OrderRequestForm, OrderReviewForm, ReviewForm
from licenses.models import Order, RequestFields
from licenses.permissions import Allowed, can_forward, can_review, can_withdraw
from licenses.services.fulfillment import Offer, fulfillment_of, preview_approval
from licenses.services.requests import (
    approve_request,
    forward_request,
    reject_request,
    request_order,
    require_pending,
    withdraw_request,
)
from licenses.views.shortcuts import at_row, get_order, order_link


def review(
    request: MemberHttpRequest, asked: RequestFields, form: ReviewForm
) -> HttpResponse | None:
    """Handle the pressed button; return a redirect, or None to show the window.

    If someone else reviewed the request first, the redirect shows a message with the outcome.
    """
    if request.method != "POST":
        return None
    if form.is_valid() and form.decision in ("approve", "reject"):
        done = _reviewed(request, asked, form)
        if done:
            order = done if form.decision == "approve" else asked.asked_order
            names = {"organization": asked.requested_by_organization, "order": order}
            messages.success(request, _outcome(asked, form.decision) % names)
            _report_still_pending(request, asked)
            return redirect(back_url(request))
    focus_first_error(form)
    return _led_away(request, asked)


def _reviewed(
    request: MemberHttpRequest, asked: RequestFields, form: ReviewForm
) -> Order | RequestFields | None:
    values = {"request": asked, "comments": form.cleaned_data["approval_comments"]}
    service: Callable[..., Order | RequestFields] = reject_request
    if form.decision == "approve":
        service = approve_request
        values |= form.chosen()
    return attempt(form, service, link_to=order_link(request), by=request.user, **values)


def _outcome(asked: RequestFields, decision: str) -> str:
    if decision == "approve":
        return _(
            "The request from %(organization)s was approved: order %(order)s. We'll notify "
            "%(organization)s."
        )
    if asked == asked.asked_order:
        return _(
            "The request from %(organization)s was rejected. We'll notify %(organization)s that "
            "order %(order)s was not granted."
        )
    return _(
        "The request from %(organization)s was rejected. We'll notify %(organization)s that order "
        "%(order)s was not renewed."
    )


def _report_still_pending(request: MemberHttpRequest, asked: RequestFields) -> None:
    """Say that our own request, made to fill a reviewed one, is still pending."""
    own = (
        Order.objects.pending()
        .filter(pk__in=[asked.forwarded_as_id])
        .select_related("requested_to")
    )
    for order in own:
        text = _(
            "Your own request to fill it, order %(order)s, is still pending with %(supplier)s. "
            "Withdraw it if you no longer need it."
        )
        messages.info(request, text % {"order": order, "supplier": order.requested_to})


def _led_away(request: MemberHttpRequest, asked: RequestFields) -> HttpResponse | None:
    """Redirect back with a message if the request is no longer pending; otherwise, return None."""
    try:
        require_pending(asked)
    except DomainError as error:
        messages.error(request, str(error))
        return redirect(back_url(request))
    return None


def window(asked: RequestFields, offer: Offer, form: ReviewForm) -> dict[str, Any]:
    """Return the context of the window of either kind."""
    can_show = not offer.why_none and (not form.is_bound or form.is_valid())
    return {
        "asked": asked,
        "order": asked.asked_order,
        "offer": offer,
        "form": form,
        "preview": preview_approval(asked, **form.chosen())
        if can_show and form.decision != "reject"
        else None,
        "supplier": asked.requested_to.supplier if asked.requested_to else None,
    }


@keeps_typed
@require_http_methods(["GET", "POST"])
@supplier_required
def order_review(request: MemberHttpRequest, number: int) -> HttpResponse:
    """Review Request: review a request for a new license that is addressed to us."""
    order = _asked(request, number, may=can_review)
    offered = fulfillment_of(order)
    form = OrderReviewForm(typed_data(request), asked=order, offer=offered)
    form.link_to = order_link(request)
    if done := review(request, order, form):
        return done
    context = window(order, offered, form)
    return render(request, "licenses/order_review.html", context)


def _asked(request: MemberHttpRequest, number: int, *, may: Allowed) -> Order:
    """Return the request for a new license; 403 if it is visible but not permitted."""
    return get_order(request, number, may=may, requested_at__isnull=False, renewal_of=None)


@keeps_typed
@require_http_methods(["GET", "POST"])
@supplier_required
@submit_once
def order_forward(request: MemberHttpRequest, number: int) -> HttpResponse:
    """Forward Request: forward a request for a new license to our own supplier."""
    return forward(request, _asked(request, number, may=can_forward))


def forward(request: MemberHttpRequest, asked: RequestFields) -> HttpResponse:
    """Show and handle the window that forwards a request of either kind."""
    form = ForwardForm(typed_data(request))
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        made = attempt(
            form,
            forward_request,
            request=asked,
            purchase_order=data["purchase_order"],
            comments=data["requester_comments"],
            by=request.user,
        )
        if made:
            text = _(
                "The request was forwarded to %(supplier)s as order %(order)s. %(supplier)s will "
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
        "supplier": asked.requested_to.supplier if asked.requested_to else None,
    }
    return render(request, "licenses/forward.html", context)


@keeps_typed
@require_http_methods(["GET", "POST"])
@administrator_required
@submit_once
def order_request(request: MemberHttpRequest) -> HttpResponse:
    """Request New License, for our own organization or for a sub-organization (`for`)."""
    role = request.membership
    named = _named_organization(request, role)
    form = OrderRequestForm(typed_data(request), role=role, organization=named)
    is_sent = request.method == "POST" and form.is_valid() and not form.is_choosing
    made = _submit(request, form) if is_sent else None
    if made:
        messages.success(request, _submitted(request, made))
        return redirect(at_row(back_url(request), made))
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


def _named_organization(request: MemberHttpRequest, role: Membership) -> Organization:
    """Return the organization that the address names within the scope, or the role's own."""
    named = request.GET.get("for", "").strip()
    if not named:
        return role.organization
    if not named.isascii() or not named.isdecimal() or len(named) > 18:
        raise Http404
    return get_object_or_404(Organization.objects.visible_to(role), pk=named)


def _submitted(request: MemberHttpRequest, made: Order) -> str:
    """Return the message about a new request, with its holder and what happens next."""
    text = _("The request was successfully submitted.")
    if made.assigned_to != request.membership.organization:
        text = _("The request for %(holder)s was successfully submitted.")
    text += " " + _(
        "%(supplier)s will review the request for a new license for %(holder)s (order %(order)s). "
        "We'll notify you; until then, you can withdraw it."
    )
    names = {"holder": made.assigned_to, "supplier": made.requested_to, "order": made}
    return text % names


def _submit(request: MemberHttpRequest, form: OrderRequestForm) -> Order | None:
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
        by=request.user,
    )


@require_http_methods(["GET", "POST"])
@administrator_required
def order_withdraw(request: MemberHttpRequest, number: int) -> HttpResponse:
    """Withdraw Request: withdraw a pending request for a new license, after confirmation."""
    order = get_order(request, number, may=can_withdraw, requested_at__isnull=False)
    done = _(
        "The request was withdrawn. %(supplier)s can no longer approve the request for a new "
        "license for %(holder)s (order %(order)s)."
    )
    if request.method == "POST":
        return withdraw(request, order, done)
    return render(request, "licenses/order_withdraw.html", {"order": order})


def withdraw(request: MemberHttpRequest, asked: RequestFields, done: str) -> HttpResponse:
    """Withdraw a request of either kind; `done` may use `supplier`, `holder` and `order`."""
    order = asked.asked_order
    names = {"supplier": asked.requested_to, "holder": order.assigned_to, "order": order}
    try:
        withdraw_request(request=asked, by=request.user)
        messages.success(request, done % names)
    except DomainError as error:
        messages.error(request, str(error))
    return redirect(back_url(request))
