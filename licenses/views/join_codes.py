"""The windows that send and replace teacher codes and group keys."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from jasper_inventory.accounts.decorators import (
    MemberHttpRequest,
    administrator_required,
    teacher_role_required,
)
from jasper_inventory.accounts.reauthentication import asks_again
from jasper_inventory.accounts.submissions import submit_once
from jasper_inventory.lib.dialogs import back_url
from jasper_inventory.lib.exceptions import DomainError
from jasper_inventory.lib.form_recovery import keeps_typed, typed_data
from jasper_inventory.lib.forms import attempt, focus_first_error
from licenses.forms.join_codes import OrderReplaceCodeForm, TeacherCodeForm
from licenses.permissions import can_replace_code, can_send_code
from licenses.services.join_codes import (
    replace_group_key,
    replace_teacher_code,
    send_teacher_code,
    why_not_to_send,
)
from licenses.views.shortcuts import acted, approved_order, teaching


@keeps_typed
@require_http_methods(["GET", "POST"])
@administrator_required
@asks_again
def order_replace_code(request: MemberHttpRequest, number: int) -> HttpResponse:
    """Replace Teacher Code: the old code stops working immediately."""
    order = approved_order(request, number, may=can_replace_code)
    # Students join an unlimited license by group keys only, so a leaked code is one of those.
    initial = {"shown": order.teacher_code_id, "group_keys": order.is_unlimited}
    return acted(
        request,
        order,
        OrderReplaceCodeForm(typed_data(request), initial=initial),
        service=replace_teacher_code,
        done=_(
            "Order %(order)s has a new teacher code: %(result)s. Give it to your teachers; the old "
            "one no longer works."
        ),
        template="licenses/order_replace_code.html",
    )


@require_http_methods(["GET", "POST"])
@teacher_role_required
@asks_again
def group_key_replace(request: MemberHttpRequest, number: int) -> HttpResponse:
    """Replace Group Key: replace it, after confirmation."""
    order, teacher = teaching(request, number)
    back = reverse("licenses:group_students", args=[number])
    if request.method == "POST":
        try:
            replace_group_key(teacher=teacher, by=request.user)
            text = _(
                "The new group key works now, and the old one doesn't. Give the new one to your "
                "students of %(holder)s (order %(order)s)."
            )
            messages.success(request, text % {"holder": order.assigned_to, "order": order})
        except DomainError as error:
            messages.error(request, str(error))
        return redirect(back)
    context = {"order": order, "teacher": teacher, "back_url": back}
    return render(request, "licenses/group_key_replace.html", context)


@keeps_typed
@require_http_methods(["GET", "POST"])
@administrator_required
@submit_once
def teacher_code_send(request: MemberHttpRequest, number: int) -> HttpResponse:
    """Send Teacher Code: email an order's teacher code to future teachers."""
    order = approved_order(request, number, may=can_send_code)
    form = TeacherCodeForm(typed_data(request))
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        sent = attempt(
            form,
            send_teacher_code,
            order=order,
            addresses=data["addresses"],
            note=data["note"],
            by=request.user,
        )
        if sent:
            text = ngettext(
                "The teacher code of order %(order)s is being sent to %(number)d address.",
                "The teacher code of order %(order)s is being sent to %(number)d addresses.",
                len(sent),
            )
            messages.success(request, text % {"number": len(sent), "order": order})
            return redirect(back_url(request))
    if form.is_bound:
        focus_first_error(form)
    context = {
        "order": order,
        "form": form,
        "why_not": "" if form.is_bound else why_not_to_send(order),
    }
    return render(request, "licenses/teacher_code_send.html", context)
