"""Troubleshooting of orders, codes, teachers and students, rule by rule."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_safe

from activation_codes.models import ActivationCode
from jasper_inventory.accounts.decorators import MemberHttpRequest, administrator_required
from jasper_inventory.inventory.diagnostics import (
    Explanation,
    explain_code,
    explain_enrollment,
    explain_order,
)
from jasper_inventory.inventory.forms import CodeForm
from licenses.models import Enrollment, Order
from licenses.permissions import can_manage_codes, can_manage_people
from licenses.views.shortcuts import get_order


@sensitive_post_parameters("code")
@sensitive_variables("form")
@require_http_methods(["GET", "POST"])
@administrator_required
def troubleshoot(request: MemberHttpRequest) -> HttpResponse:
    """Explain a typed code; the POST returns the page, so that no URL contains the code."""
    form = CodeForm(request.POST if request.method == "POST" else None)
    explained = None
    if form.is_valid():
        explained = explain_code(
            form.cleaned_data["code"],
            orders=Order.objects.visible_to(request.membership),
            today=timezone.localdate(),
            reader=request.membership,
        )
    context = {
        "form": form,
        "explained": explained,
        "replaceable": _replaceable(request, explained),
    }
    return render(request, "inventory/troubleshoot.html", context)


def _replaceable(
    request: MemberHttpRequest, explained: Explanation | None
) -> ActivationCode | None:
    """Return the explained activation code if the user may replace it, or None."""
    if explained is None or explained.order is None:
        return None
    code = explained.activation_code
    if code and code.used < code.users and can_manage_codes(explained.order, request.membership):
        return code
    return None


@require_safe
@administrator_required
def order_troubleshoot(request: MemberHttpRequest, number: int) -> HttpResponse:
    """Explain why an order can't be used."""
    order = get_order(request, number)
    context = {"order": order, "explained": explain_order(order, timezone.localdate())}
    return render(request, "inventory/order_troubleshoot.html", context)


@require_safe
@administrator_required
def enrollment_troubleshoot(request: MemberHttpRequest, number: int, pk: int) -> HttpResponse:
    """Explain why a teacher or student of an order can't use it."""
    order = get_order(request, number, may=can_manage_people)
    people = Enrollment.objects.select_related("user", "order__assigned_to")
    person = get_object_or_404(people, order=order, pk=pk)
    explained = explain_enrollment(person, order, timezone.localdate())
    context = {"order": order, "explained": explained}
    return render(request, "inventory/order_troubleshoot.html", context)
