"""The Request License Renewal window, and withdrawing the request."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from jasper_inventory.accounts.decorators import (
    MemberHttpRequest,
    administrator_required,
    supplier_required,
)
from jasper_inventory.accounts.models import Membership
from jasper_inventory.accounts.submissions import submit_once
from jasper_inventory.lib.dialogs import back_url
from jasper_inventory.lib.form_recovery import keeps_typed, typed_data
from jasper_inventory.lib.forms import attempt, focus_first_error
from licenses.forms.requests import ReviewForm
from licenses.models import Order, Outcome, ProductFamily
from licenses.models.requests import MOST_ASKED
from licenses.permissions import can_forward, can_review, can_withdraw
from licenses.services.allocations import product_ids
from licenses.services.fulfillment import fulfillment_of
from licenses.views.requests import forward, review, window, withdraw
from licenses.views.shortcuts import get_order, order_link
from renewals import services
from renewals.forms import RenewalRequestForm
from renewals.models import CodeChoice, RenewalRequest


@keeps_typed
@require_http_methods(["GET", "POST"])
@administrator_required
@submit_once
def renewal_request(request: MemberHttpRequest, number: int) -> HttpResponse:
    """Request a renewal from the supplier, for the own organization or a sub-organization.

    Type and product mix can't be changed.
    """
    role = request.membership
    order = get_order(request, number, outcome=Outcome.APPROVED)
    form = RenewalRequestForm(typed_data(request), order=order, initial=_offered(order))
    if request.method == "POST" and form.is_valid() and (made := _submit(request, order, form)):
        text = _(
            "The renewal request was successfully submitted. %(supplier)s will review the request "
            "to renew order %(order)s of %(holder)s. We'll notify you; until then, you can "
            "withdraw it."
        )
        names = {"order": order, "holder": order.assigned_to, "supplier": made.requested_to}
        messages.success(request, text % names)
        return redirect(back_url(request))
    if form.is_bound:
        focus_first_error(form)
    ticked = product_ids(order)
    context = {
        "order": order,
        "form": form,
        "asking": role.organization,
        "for_other": order.assigned_to if order.assigned_to != role.organization else None,
        "supplier": order.assigned_to.supplier,
        "why_not": "" if form.is_bound else services.why_no_renewal(order),
        "families": ProductFamily.objects.with_products(kept=ticked),
        "ticked": ticked,
    }
    return render(request, "renewals/renewal_request.html", context)


def _offered(order: Order) -> dict[str, Any]:
    start, finish = services.offered_dates(order)
    return {
        "code_choice": CodeChoice.NEW,
        "start_date": start,
        "finish_date": finish,
        "students": None if order.seats is None else min(order.seats, MOST_ASKED),
    }


def _submit(
    request: MemberHttpRequest, order: Order, form: RenewalRequestForm
) -> RenewalRequest | None:
    return attempt(
        form,
        services.request_renewal,
        order=order,
        requested_by_organization=request.membership.organization,
        by=request.user,
        **form.asked(),
    )


@require_http_methods(["GET", "POST"])
@administrator_required
def renewal_withdraw(request: MemberHttpRequest, number: int) -> HttpResponse:
    """Withdraw the pending renewal request of an order after a confirmation."""
    renewal = _asked(request, number, may=can_withdraw)
    done = _(
        "The renewal request was withdrawn. %(supplier)s can no longer approve the request to "
        "renew order %(order)s of %(holder)s."
    )
    if request.method == "POST":
        return withdraw(request, renewal, done)
    return render(request, "renewals/renewal_withdraw.html", {"renewal": renewal})


def _asked(
    request: MemberHttpRequest, number: int, *, may: Callable[[RenewalRequest, Membership], bool]
) -> RenewalRequest:
    """Return the newest request to renew the order; 403 for a role that may only see it.

    If it was reviewed in the meantime, the service reports that.
    """
    renewal = get_object_or_404(RenewalRequest.objects.newest_of(get_order(request, number)))
    if not may(renewal, request.membership):
        raise PermissionDenied
    return renewal


@keeps_typed
@require_http_methods(["GET", "POST"])
@supplier_required
def renewal_review(request: MemberHttpRequest, number: int) -> HttpResponse:
    """Review a renewal request: show the current order beside the requested one."""
    renewal = _asked(request, number, may=can_review)
    offered = fulfillment_of(renewal)
    form = ReviewForm(typed_data(request), asked=renewal, offer=offered)
    form.link_to = order_link(request)
    if done := review(request, renewal, form):
        return done
    context = window(renewal, offered, form)
    old = get_order(request, number)
    old.status = old.status_on(timezone.localdate())
    context["old"] = old
    context["keepers"] = services.keepers(renewal, seats=renewal.requested_students)
    return render(request, "renewals/renewal_review.html", context)


@keeps_typed
@require_http_methods(["GET", "POST"])
@supplier_required
@submit_once
def renewal_forward(request: MemberHttpRequest, number: int) -> HttpResponse:
    """Forward a renewal request to the own supplier, as a request for a new license."""
    return forward(request, _asked(request, number, may=can_forward))
