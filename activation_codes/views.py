"""The User Activation Codes window: facts, settings, creating and downloading codes."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from activation_codes import exports, services
from activation_codes.forms import CodeSettingsForm
from jasper_inventory.accounts.access import administrator_required
from jasper_inventory.lib.dialogs import back_to_window
from jasper_inventory.lib.forms import attempt
from jasper_inventory.lib.unsent import keeps_typed, typed_data
from licenses.models import InventoryType, Order


def _order(request, number):
    orders = Order.objects.visible_to(request.membership).with_people()
    return get_object_or_404(
        orders, number=number, inventory_type=InventoryType.USER_ACTIVATION_CODES
    )


def _manages(request, order):
    return order.assigned_to_id == request.membership.organization_id


@keeps_typed
@require_http_methods(["GET", "POST"])
@administrator_required
def codes_edit(request, number):
    """The window; its *Save* changes the four boxes."""
    order = _order(request, number)
    form = CodeSettingsForm(typed_data(request), instance=services.settings_of(order))
    if request.method == "POST" and _manages(request, order) and form.is_valid():
        saved = attempt(
            form, services.save_settings, order=order, boxes=form.cleaned_data, by=request.user
        )
        if saved:
            messages.success(request, _("The options were successfully saved."))
            return back_to_window(_addresses(request, order)["save_url"])
    return _window(request, order, form)


@keeps_typed
@require_http_methods(["GET", "POST"])
@administrator_required
def codes_create(request, number):
    """*Create Codes*: makes all that remain and saves the boxes."""
    order = _order(request, number)
    form = CodeSettingsForm(typed_data(request), instance=services.settings_of(order))
    if request.method == "POST" and _manages(request, order) and form.is_valid():
        made = attempt(
            form, services.create_codes, order=order, boxes=form.cleaned_data, by=request.user
        )
        if made is not None:
            _tell_created(request, made)
            return back_to_window(_addresses(request, order)["save_url"])
    return _window(request, order, form)


def _tell_created(request, made):
    if made:
        messages.success(request, _("The activation codes were successfully created."))
    else:
        messages.info(request, _("The activation codes had been created already."))


def _addresses(request, order):
    """Where the window's two buttons send the form, keeping the way back."""
    query = "?" + urlencode({"next": request.GET["next"]}) if "next" in request.GET else ""
    return {
        "save_url": reverse("activation_codes:codes_edit", args=[order.number]) + query,
        "create_url": reverse("activation_codes:codes_create", args=[order.number]) + query,
    }


def _window(request, order, form):
    context = {
        **_addresses(request, order),
        "order": order,
        "form": form,
        "manages": _manages(request, order),
        "creators": services.creators_of(order),
        "all_created": order.codes_created > 0 and order.codes_left == 0,
        "why_not": services.why_no_codes(order),
    }
    return render(request, "activation_codes/codes_edit.html", context)


@require_GET
@administrator_required
def codes_download(request, number):
    """*Download Codes*: the workbook of the order's codes."""
    orders = Order.objects.manageable_by(request.membership).filter(codes_created__gt=0)
    order = get_object_or_404(orders, number=number)
    return exports.as_download(order)
