"""Pages of selected codes: to copy, download, replace, and print them."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from activation_codes import exports
from activation_codes.cards import SIZES, cards_of
from activation_codes.models import DownloadKind
from activation_codes.products import products_in_words
from activation_codes.selections import encoded
from activation_codes.services.codes import MOST_REPLACED, record_download, replace_codes
from activation_codes.views.shortcuts import (
    address_of_selected,
    back_to_list,
    nothing_selected,
    order_with_codes,
    selected_codes,
)
from jasper_inventory.accounts.decorators import MemberHttpRequest, administrator_required
from jasper_inventory.accounts.reauthentication import asks_again
from jasper_inventory.accounts.services.log_entries import record
from jasper_inventory.lib.dialogs import back_to_window
from jasper_inventory.lib.downloads import limited_download
from jasper_inventory.lib.excel import empty_file
from jasper_inventory.lib.exceptions import DomainError


@require_safe
@never_cache
@administrator_required
@asks_again
def codes_copy(request: MemberHttpRequest, number: int) -> HttpResponse:
    """Copy Codes: the selected codes as lines of text."""
    order = order_with_codes(request, number)
    codes = list(selected_codes(request, order))
    if not codes:
        return nothing_selected(request, order)
    if request.method == "GET":
        record("codes.copied", by=request.user, on=order, after={"codes": len(codes)})
    context = {
        "order": order,
        "number": len(codes),
        "lines": "\n".join(str(code) for code in codes),
        "rows": min(len(codes), 15),
    }
    return render(request, "activation_codes/codes_copy.html", context)


@require_safe
@administrator_required
@asks_again
@limited_download
def selected_download(request: MemberHttpRequest, number: int) -> HttpResponseBase:
    """Download the workbook of the selected codes."""
    order = order_with_codes(request, number)
    codes = selected_codes(request, order)
    if request.method == "HEAD":
        return exports.head_of_download(order)
    file = empty_file()
    written = exports.write_codes(order, file, codes=codes)
    if not written:
        file.close()
        return nothing_selected(request, order)
    record_download(order=order, by=request.user, number_of_codes=written)
    file.seek(0)
    return exports.as_download(order, file)


@require_http_methods(["GET", "POST"])
@never_cache
@administrator_required
@asks_again
def codes_replace(request: MemberHttpRequest, number: int) -> HttpResponse:
    """Replace the selected codes after a confirmation, and show the new ones."""
    order = order_with_codes(request, number)
    codes = list(selected_codes(request, order))
    if not codes:
        return nothing_selected(request, order)
    back = back_to_list(request, order)
    if request.method == "POST":
        try:
            new = replace_codes(order=order, codes=[code.pk for code in codes], by=request.user)
        except DomainError as error:
            messages.error(request, str(error))
            return redirect(back)
        text = ngettext(
            "%(n)s code of order %(order)s was replaced. Give the new one to your students; the "
            "old one no longer works.",
            "%(n)s codes of order %(order)s were replaced. Give the new ones to your students; "
            "the old ones no longer work.",
            len(new),
        )
        messages.success(request, text % {"n": f"{len(new):,}", "order": order})
        selected = encoded(code.pk for code in new)
        return back_to_window(
            address_of_selected("activation_codes:codes_copy", order, selected, back)
        )
    context = {"order": order, "codes": codes, "most": MOST_REPLACED}
    return render(request, "activation_codes/codes_replace.html", context)


@require_safe
@never_cache
@administrator_required
@asks_again
def code_cards(request: MemberHttpRequest, number: int) -> HttpResponse:
    """Print Cards: the selected codes that can still be used, as cards to cut out."""
    order = order_with_codes(request, number)
    selected = selected_codes(request, order)
    codes = list(selected.usable())
    if not codes:
        text = _("None of the selected codes of order %(order)s can be used.")
        messages.error(request, text % {"order": order})
        return redirect(back_to_list(request, order))
    if request.method == "GET":
        number_of_codes, kind = len(codes), DownloadKind.CARDS
        record_download(order=order, by=request.user, number_of_codes=number_of_codes, kind=kind)
    size = next((size for size in SIZES if str(size) == request.GET.get("size")), SIZES[0])
    address = settings.SITE_URL + reverse("activation_codes:activate")
    context = {
        "order": order,
        "left_out": selected.count() - len(codes),
        "pages": cards_of(codes, address, size),
        "number": len(codes),
        "size": size,
        "sizes": SIZES,
        "address": address.split("://", 1)[-1],
        "products": products_in_words(order),
        "list_url": back_to_list(request, order),
    }
    return render(request, "activation_codes/code_cards.html", context)
