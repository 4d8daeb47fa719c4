"""The Request License Renewal window, and withdrawing the request."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from jasper_inventory.accounts.decorators import administrator_required, supplier_required
from jasper_inventory.lib.dialogs import back_url
from jasper_inventory.lib.exceptions import DomainError
from jasper_inventory.lib.form_recovery import keeps_typed, typed_data
from jasper_inventory.lib.forms import attempt, focus_first_error
from licenses import history
from licenses.forms.requests import DecideForm
from licenses.models import Outcome, ProductFamily
from licenses.models.requests import MOST_ASKED
from licenses.services.allocations import product_ids
from licenses.views.requests import act, passed_on, require_addressed, window
from licenses.views.shortcuts import get_order, order_link
from renewals import services
from renewals.forms import RenewalRequestForm
from renewals.history import renewal_acts
from renewals.models import CodeChoice, RenewalRequest

# The history of an order, in its Edit Order window, tells of its renewals too.
history.tellers.append(renewal_acts)


@keeps_typed
@require_http_methods(["GET", "POST"])
@administrator_required
def renewal_request(request, number):
    """Request License Renewal: ask the supplier, for oneself or for an organization below.

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
        messages.success(request, text % _names(made))
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


def _names(renewal):
    """What the messages name of a request."""
    order = renewal.order
    return {"order": order, "holder": order.assigned_to, "supplier": renewal.requested_to}


def _offered(order):
    start, finish = services.offered_dates(order)
    return {
        "code_choice": CodeChoice.NEW,
        "start_date": start,
        "finish_date": finish,
        "students": None if order.capacity is None else min(order.capacity, MOST_ASKED),
    }


def _submit(request, order, form):
    data = form.cleaned_data
    return attempt(
        form,
        services.request_renewal,
        order=order,
        requested_by_organization=request.membership.organization,
        code_choice=data["code_choice"],
        start_date=data["start_date"],
        finish_date=data["finish_date"],
        students=data["students"],
        purchase_order=data["purchase_order"],
        comments=data["requester_comments"],
        form_token=data["form_token"],
        by=request.user,
    )


@require_http_methods(["GET", "POST"])
@administrator_required
def renewal_withdraw(request, number):
    """Take the pending renewal request of an order back, after asking once."""
    order = get_order(request, number)
    # The newest request of the order: where it was decided meanwhile, the service says so.
    renewal = get_object_or_404(RenewalRequest.objects.newest_of(order))
    if not RenewalRequest.objects.manageable_by(request.membership).filter(pk=renewal.pk).exists():
        raise PermissionDenied
    if request.method == "POST":
        try:
            services.withdraw_renewal(renewal=renewal, by=request.user)
            text = _(
                "The renewal request was withdrawn. %(supplier)s can no longer approve the request "
                "to renew order %(order)s of %(holder)s."
            )
            messages.success(request, text % _names(renewal))
        except DomainError as error:
            messages.error(request, error)
        return redirect(back_url(request))
    return render(request, "renewals/renewal_withdraw.html", {"renewal": renewal})


def _asked(request, number):
    renewal = get_object_or_404(RenewalRequest.objects.newest_of(get_order(request, number)))
    require_addressed(request, renewal)
    return renewal


@keeps_typed
@require_http_methods(["GET", "POST"])
@supplier_required
def renewal_decide(request, number):
    """Decide a renewal request that is addressed to us: the old order beside the new one."""
    renewal = _asked(request, number)
    offer = services.offer_renewal(renewal)
    form = DecideForm(typed_data(request), asked=renewal, offer=offer)
    form.link_to = order_link(request)

    def approve(by):
        comments = form.cleaned_data["approval_comments"]
        return services.approve_renewal(renewal=renewal, by=by, comments=comments, **form.chosen())

    def reject(by):
        comments = form.cleaned_data["approval_comments"]
        return services.reject_renewal(renewal=renewal, by=by, comments=comments)

    def prospect(source, terms):
        return services.prospect_renewal(renewal, source=source, terms=terms)

    if done := act(request, renewal, form, approve=approve, reject=reject):
        return done
    context = window(renewal, offer, form, prospect)
    context["old"] = get_order(request, number)
    context["old"].status = context["old"].status_on(timezone.localdate())
    context["products"] = renewal.order.products.select_related("family")
    context["keepers"] = services.keepers(renewal, places=renewal.requested_students)
    return render(request, "renewals/renewal_decide.html", context)


@keeps_typed
@require_http_methods(["GET", "POST"])
@supplier_required
def renewal_pass_on(request, number):
    """Pass a renewal request on to our own supplier, as a request for a new license."""
    renewal = _asked(request, number)

    def pass_on(**values):
        return services.pass_on_renewal(renewal=renewal, **values)

    return passed_on(request, renewal, pass_on)
