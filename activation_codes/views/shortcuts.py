"""What the pages of an order's codes share: finding the order, and the codes that were selected."""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from activation_codes.models import ActivationCode
from activation_codes.models.codes import ActivationCodeQuerySet
from activation_codes.selections import PARAMETER, decoded
from jasper_inventory.accounts.decorators import MemberHttpRequest
from jasper_inventory.lib.dialogs import back_url
from licenses.models import Order
from licenses.permissions import can_manage_codes
from licenses.views.shortcuts import get_order


def order_with_codes(request: MemberHttpRequest, number: int) -> Order:
    """Return the order, whose codes exist; 404 unless the role manages its codes."""
    order = get_order(request, number, codes_created__gt=0)
    if not can_manage_codes(order, request.membership):
        raise Http404
    return order


def selected_codes(request: MemberHttpRequest, order: Order) -> ActivationCodeQuerySet:
    """Return the order's codes that the address names."""
    keys = decoded(request.GET.get(PARAMETER, ""))
    return ActivationCode.objects.filter(order=order, pk__in=keys).order_by("pk")


def nothing_selected(request: MemberHttpRequest, order: Order) -> HttpResponse:
    """Return to the list of codes, from a window whose address names no code of the order."""
    text = _("Select at least one code of order %(order)s.")
    messages.error(request, text % {"order": order})
    return redirect(back_to_list(request, order))


def back_to_list(request: MemberHttpRequest, order: Order) -> str:
    """Return the address of the list of codes, with its search if `next` has it."""
    if "next" in request.GET:
        return back_url(request)
    return reverse("activation_codes:code_list", args=[order.number])


def address_of_selected(route: str, order: Order, selected: str, back: str) -> str:
    """Return the address of a page of selected codes that leads back to another."""
    query = urlencode({PARAMETER: selected, "next": back})
    return f"{reverse(route, args=[order.number])}?{query}"
