"""The User Activation Codes window: settings, creating, downloading and replacing codes."""

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from activation_codes import exports
from activation_codes.forms import CodeSettingsForm
from activation_codes.models import ActivationCode, CodeWorkbook, PendingBatch
from activation_codes.services.codes import (
    creators_of,
    replace_code,
    save_settings,
    why_no_codes,
)
from activation_codes.services.pending_batches import cancel_batch, create_or_queue_codes
from activation_codes.services.workbooks import (
    cancel_workbook,
    is_large,
    request_workbook,
    take_workbook,
    workbook_of,
)
from jasper_inventory.accounts.decorators import MemberHttpRequest, administrator_required
from jasper_inventory.accounts.reauthentication import asks_again
from jasper_inventory.lib.dialogs import DIALOG, back_to_window, back_url
from jasper_inventory.lib.downloads import limited_download
from jasper_inventory.lib.exceptions import DomainError
from jasper_inventory.lib.form_recovery import keeps_typed, typed_data
from jasper_inventory.lib.forms import attempt
from jasper_inventory.lib.returning import post_only
from licenses.models import InventoryType, Order
from licenses.permissions import can_manage_codes
from licenses.views.shortcuts import get_order


@keeps_typed
@require_http_methods(["GET", "POST"])
@administrator_required
def codes_edit(request: MemberHttpRequest, number: int) -> HttpResponse:
    """Show the window; *Save* changes the settings."""
    order = _order(request, number)
    form = CodeSettingsForm(typed_data(request), instance=order)
    if request.method == "POST" and form.is_valid():
        saved = attempt(form, save_settings, order=order, boxes=form.cleaned_data, by=request.user)
        if saved:
            text = _("The options were successfully saved. They apply to order %(order)s.")
            messages.success(request, text % {"order": order})
            return back_to_window(_addresses(request, order)["save_url"])
    return _window(request, order, form)


@keeps_typed
@require_http_methods(["GET", "POST"])
@administrator_required
def codes_create(request: MemberHttpRequest, number: int) -> HttpResponse:
    """Create all remaining codes and save the settings (*Create Codes*).

    Many codes are created in the background.
    """
    order = _order(request, number)
    form = CodeSettingsForm(typed_data(request), instance=order)
    if request.method == "POST" and form.is_valid():
        boxes = form.cleaned_data
        made = attempt(form, create_or_queue_codes, order=order, boxes=boxes, by=request.user)
        if made is not None:
            # A pending batch is reported by the window, as long as it is pending.
            if isinstance(made, int):
                _report_created(request, order, made)
            return back_to_window(_addresses(request, order)["save_url"])
    return _window(request, order, form)


def _report_created(request: MemberHttpRequest, order: Order, made: int) -> None:
    if made:
        text = _(
            "The activation codes were successfully created. Choose Download Codes to get the "
            "codes of order %(order)s."
        )
        messages.success(request, text % {"order": order})
    else:
        text = _("The activation codes of order %(order)s were already created.")
        messages.info(request, text % {"order": order})


@require_safe
@administrator_required
def codes_progress(request: MemberHttpRequest, number: int) -> HttpResponse:
    """Show how many codes of the pending batch exist so far: a part of the window."""
    order = _order(request, number)
    context = {
        "order": order,
        "pending": _pending(order),
        "manages": can_manage_codes(order, request.membership),
    }
    return render(request, "activation_codes/codes_progress.html", context)


@post_only
@administrator_required
def codes_cancel(request: MemberHttpRequest, number: int) -> HttpResponse:
    """Cancel the pending batch (*Cancel*)."""
    order = _order(request, number)
    if cancel_batch(order=order, by=request.user):
        text = _("Creating the codes of order %(order)s was canceled. None were created.")
        messages.success(request, text % {"order": order})
    else:
        messages.info(request, _("No codes of order %(order)s are pending.") % {"order": order})
    return back_to_window(_addresses(request, order)["save_url"])


def _pending(order: Order) -> PendingBatch | None:
    return PendingBatch.objects.filter(order=order).first()


def _addresses(request: MemberHttpRequest, order: Order) -> dict[str, str]:
    """Return the addresses of the window's buttons, which keep the page to return to."""
    query = "?" + urlencode({"next": request.GET["next"]}) if "next" in request.GET else ""
    return {
        "save_url": reverse("activation_codes:codes_edit", args=[order.number]) + query,
        "create_url": reverse("activation_codes:codes_create", args=[order.number]) + query,
        "cancel_url": reverse("activation_codes:codes_cancel", args=[order.number]) + query,
        "download_url": reverse("activation_codes:codes_download", args=[order.number]) + query,
        "workbook_cancel_url": reverse("activation_codes:workbook_cancel", args=[order.number])
        + query,
    }


def _order(request: MemberHttpRequest, number: int) -> Order:
    """Return the order; only users who manage its codes may post."""
    may = can_manage_codes if request.method == "POST" else None
    return get_order(request, number, may=may, inventory_type=InventoryType.USER_ACTIVATION_CODES)


def _window(request: MemberHttpRequest, order: Order, form: CodeSettingsForm) -> HttpResponse:
    why_not, pending = why_no_codes(order), _pending(order)
    is_waiting = pending is not None and pending.is_waiting
    manages = can_manage_codes(order, request.membership)
    workbook = workbook_of(order) if manages and is_large(order) else None
    context = {
        **_addresses(request, order),
        "order": order,
        "form": form,
        "manages": manages,
        "creators": creators_of(order),
        "pending": pending,
        "workbook": workbook,
        "asks_in_dialog": _asks_in_dialog(request, order, workbook),
        "can_create": order.codes_left > 0 and not why_not and not is_waiting,
        "why_not": "" if order.codes_created and not order.codes_left else why_not,
    }
    return render(request, "activation_codes/codes_edit.html", context)


def _asks_in_dialog(
    request: MemberHttpRequest, order: Order, workbook: CodeWorkbook | None
) -> bool:
    """Return whether *Download Codes* shows the dialog again, with the progress, and no file."""
    has_file = workbook is not None and (workbook.is_ready or workbook.was_missed)
    return request.htmx.target == DIALOG and is_large(order) and not has_file


@require_safe
@administrator_required
@asks_again
@limited_download
def codes_download(request: MemberHttpRequest, number: int) -> HttpResponseBase:
    """Download the workbook of the order's codes (*Download Codes*).

    A large one is written in the background first; the window shows how far it is.
    """
    order = get_order(request, number, may=can_manage_codes, codes_created__gt=0)
    if request.method == "HEAD":
        return exports.head_of_download(order)
    # The window itself asks, as nothing was ready when it was shown. It can't receive a file.
    file = None if request.htmx else take_workbook(order=order, by=request.user)
    if file is None:
        request_workbook(order=order, by=request.user)
        return back_to_window(_addresses(request, order)["save_url"])
    return exports.as_download(order, file)


@require_safe
@administrator_required
def workbook_progress(request: MemberHttpRequest, number: int) -> HttpResponse:
    """Show how much of the workbook is written so far: a part of the window."""
    order = get_order(request, number, may=can_manage_codes, codes_created__gt=0)
    context = {"order": order, "workbook": workbook_of(order), "is_update": True}
    return render(request, "activation_codes/workbook_progress.html", context)


@post_only
@administrator_required
def workbook_cancel(request: MemberHttpRequest, number: int) -> HttpResponse:
    """Cancel the writing of the workbook (*Cancel Download*)."""
    order = _order(request, number)
    if cancel_workbook(order=order, by=request.user):
        text = _("The download of the codes of order %(order)s was canceled.")
        messages.success(request, text % {"order": order})
    else:
        text = _("No workbook of order %(order)s is being written.")
        messages.info(request, text % {"order": order})
    return back_to_window(_addresses(request, order)["save_url"])


@require_http_methods(["GET", "POST"])
@administrator_required
@asks_again
def code_replace(request: MemberHttpRequest, code: int) -> HttpResponse:
    """Replace a code of an own order after a confirmation. The URL doesn't contain the code."""
    codes = ActivationCode.objects.manageable_by(request.membership)
    old = get_object_or_404(codes.select_related("order__assigned_to"), pk=code)
    if request.method == "POST":
        try:
            new = replace_code(code=old, by=request.user)
            text = _(
                "The new code of order %(order)s is %(code)s. Give it to your students; the old "
                "one no longer works."
            )
            messages.success(request, text % {"order": old.order, "code": new})
        except DomainError as error:
            messages.error(request, str(error))
        return redirect(back_url(request))
    context = {"code": old, "order": get_order(request, old.order.number)}
    return render(request, "activation_codes/code_replace.html", context)
