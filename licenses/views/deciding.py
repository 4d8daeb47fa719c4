"""The windows of who decides requests: what was asked beside what approving will do; passing on."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from jasper_inventory.accounts.decorators import supplier_required
from jasper_inventory.lib.dialogs import back_url
from jasper_inventory.lib.exceptions import DomainError
from jasper_inventory.lib.form_recovery import keeps_typed, typed_data
from jasper_inventory.lib.forms import attempt, focus_first_error
from licenses import services
from licenses.access import get_order, order_link
from licenses.forms import OrderDecideForm, PassOnForm
from licenses.models import Order


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
        services.require_pending(asked)
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
    offer = services.offer_order(order)
    form = OrderDecideForm(typed_data(request), asked=order, offer=offer)
    form.link_to = order_link(request)

    def approve(by):
        comments = form.cleaned_data["approval_comments"]
        return services.approve_order(order=order, by=by, comments=comments, **form.chosen())

    def reject(by):
        comments = form.cleaned_data["approval_comments"]
        return services.reject_order(order=order, by=by, comments=comments)

    def prospect(source, terms, products):
        pks = {product.pk for product in products}
        return services.prospect_order(order, source=source, terms=terms, products=pks)

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
        return services.pass_on_order(order=order, **values)

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
