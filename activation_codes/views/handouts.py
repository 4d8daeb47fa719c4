"""The windows that hand out selected codes, and undo it."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from activation_codes.forms import HandOutForm
from activation_codes.services.handouts import hand_out, return_codes
from activation_codes.views.shortcuts import (
    back_to_list,
    nothing_selected,
    order_with_codes,
    selected_codes,
)
from jasper_inventory.accounts.decorators import MemberHttpRequest, administrator_required
from jasper_inventory.accounts.submissions import submit_once
from jasper_inventory.lib.exceptions import DomainError
from jasper_inventory.lib.form_recovery import keeps_typed, typed_data
from jasper_inventory.lib.forms import attempt, focus_first_error


@keeps_typed
@require_http_methods(["GET", "POST"])
@never_cache
@administrator_required
@submit_once
def handout_create(request: MemberHttpRequest, number: int) -> HttpResponse:
    """Hand Out Codes: record to whom the selected codes were given."""
    order = order_with_codes(request, number)
    codes = list(selected_codes(request, order))
    if not codes:
        return nothing_selected(request, order)
    form = HandOutForm(typed_data(request))
    if request.method == "POST" and form.is_valid():
        handout = attempt(
            form,
            hand_out,
            order=order,
            codes=[code.pk for code in codes],
            by=request.user,
            **{name: form.cleaned_data[name] for name in ("name", "email", "note")},
        )
        if handout is not None:
            text = ngettext(
                "%(n)s code of order %(order)s was handed out to %(name)s.",
                "%(n)s codes of order %(order)s were handed out to %(name)s.",
                len(codes),
            )
            n = f"{len(codes):,}"
            messages.success(request, text % {"n": n, "order": order, "name": handout.name})
            there = reverse("activation_codes:code_list", args=[order.number])
            return redirect(f"{there}?handout={handout.pk}")
    if form.is_bound:
        focus_first_error(form)
    context = {"order": order, "codes": codes, "form": form}
    return render(request, "activation_codes/handout_create.html", context)


@require_http_methods(["GET", "POST"])
@never_cache
@administrator_required
def handout_undo(request: MemberHttpRequest, number: int) -> HttpResponse:
    """Undo Hand Out: no one has the selected codes any longer."""
    order = order_with_codes(request, number)
    codes = list(selected_codes(request, order).select_related("handout"))
    if not codes:
        return nothing_selected(request, order)
    if request.method == "POST":
        keys = [code.pk for code in codes]
        try:
            returned = return_codes(order=order, codes=keys, by=request.user).number_of_codes
            text = ngettext(
                "%(n)s code of order %(order)s is no longer marked as handed out.",
                "%(n)s codes of order %(order)s are no longer marked as handed out.",
                returned,
            )
            messages.success(request, text % {"n": f"{returned:,}", "order": order})
        except DomainError as error:
            messages.error(request, str(error))
        return redirect(back_to_list(request, order))
    context = {"order": order, "codes": [code for code in codes if code.handout]}
    return render(request, "activation_codes/handout_undo.html", context)
