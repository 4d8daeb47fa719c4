"""The User Activation Codes window: facts, settings, creating and downloading codes."""

from django.contrib import messages
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from activation_codes import exports, services
from activation_codes.forms import CodeSettingsForm
from jasper_inventory.accounts.decorators import administrator_required
from jasper_inventory.lib.dialogs import back_to_window
from jasper_inventory.lib.form_recovery import keeps_typed, typed_data
from jasper_inventory.lib.forms import attempt
from licenses.access import get_order, is_holder
from licenses.models import InventoryType

CODES = {"inventory_type": InventoryType.USER_ACTIVATION_CODES}


@keeps_typed
@require_http_methods(["GET", "POST"])
@administrator_required
def codes_edit(request, number):
    """The window; its *Save* changes the four boxes."""
    order = get_order(request, number, holder_only=request.method == "POST", **CODES)
    form = CodeSettingsForm(typed_data(request), instance=services.settings_of(order))
    if request.method == "POST" and form.is_valid():
        saved = attempt(
            form, services.save_settings, order=order, boxes=form.cleaned_data, by=request.user
        )
        if saved:
            text = _("The options were successfully saved. They apply to order %(order)s.")
            messages.success(request, text % {"order": order})
            return back_to_window(_addresses(request, order)["save_url"])
    return _window(request, order, form)


@keeps_typed
@require_http_methods(["GET", "POST"])
@administrator_required
def codes_create(request, number):
    """*Create Codes*: makes all that remain and saves the boxes."""
    order = get_order(request, number, holder_only=request.method == "POST", **CODES)
    form = CodeSettingsForm(typed_data(request), instance=services.settings_of(order))
    if request.method == "POST" and form.is_valid():
        made = attempt(
            form, services.create_codes, order=order, boxes=form.cleaned_data, by=request.user
        )
        if made is not None:
            _tell_created(request, order, made)
            return back_to_window(_addresses(request, order)["save_url"])
    return _window(request, order, form)


def _tell_created(request, order, made):
    if made:
        text = _(
            "The activation codes were successfully created. Choose Download Codes to get the "
            "codes of order %(order)s."
        )
        messages.success(request, text % {"order": order})
    else:
        text = _("The activation codes of order %(order)s had been created already.")
        messages.info(request, text % {"order": order})


def _addresses(request, order):
    """Where the window's two buttons send the form, keeping the way back."""
    query = "?" + urlencode({"next": request.GET["next"]}) if "next" in request.GET else ""
    return {
        "save_url": reverse("activation_codes:codes_edit", args=[order.number]) + query,
        "create_url": reverse("activation_codes:codes_create", args=[order.number]) + query,
    }


def _window(request, order, form):
    why_not = services.why_no_codes(order)
    context = {
        **_addresses(request, order),
        "order": order,
        "form": form,
        "manages": is_holder(request, order),
        "creators": services.creators_of(order),
        "can_create": order.codes_left > 0 and not why_not,
        "why_not": "" if order.codes_created and not order.codes_left else why_not,
    }
    return render(request, "activation_codes/codes_edit.html", context)


@require_safe
@administrator_required
def codes_download(request, number):
    """*Download Codes*: the workbook of the order's codes."""
    order = get_order(request, number, holder_only=True, codes_created__gt=0)
    if request.method == "GET":
        services.record_download(order=order, by=request.user)
    return exports.as_download(order)
