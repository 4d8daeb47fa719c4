"""The windows that send and replace teacher codes and group keys."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from jasper_inventory.accounts.decorators import administrator_required, teacher_required
from jasper_inventory.lib.dialogs import back_url
from jasper_inventory.lib.exceptions import DomainError
from jasper_inventory.lib.form_recovery import keeps_typed, typed_data
from jasper_inventory.lib.forms import attempt, focus_first_error
from licenses.forms.join_codes import OrderReplaceCodeForm, TeacherCodeForm
from licenses.models import Outcome
from licenses.services.join_codes import (
    replace_group_key,
    replace_teacher_code,
    send_teacher_code,
    why_not_to_send,
)
from licenses.views.shortcuts import acted, get_order, guarded_order, teaching


@keeps_typed
@require_http_methods(["GET", "POST"])
@administrator_required
def order_replace_code(request, number):
    """Replace Teacher Code: the old one stops working at once."""
    order = guarded_order(request, number)
    # Students come to an unlimited license by group keys alone: what is passed around is one.
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
@teacher_required
def group_key_replace(request, number):
    """Replace the group key, after asking once."""
    order, teacher = teaching(request, number)
    back = reverse("licenses:group_students", args=[number])
    if request.method == "POST":
        try:
            replace_group_key(teacher=teacher, by=request.user)
            text = _(
                "The new group key works now; the old one doesn't. Give it to your students of "
                "%(holder)s (order %(order)s)."
            )
            messages.success(request, text % {"holder": order.assigned_to, "order": order})
        except DomainError as error:
            messages.error(request, error)
        return redirect(back)
    context = {"order": order, "teacher": teacher, "back_url": back}
    return render(request, "licenses/group_key_replace.html", context)


@keeps_typed
@require_http_methods(["GET", "POST"])
@administrator_required
def teacher_code_send(request, number):
    """Send an order's teacher code to those who are to teach on it."""
    order = get_order(request, number, holder_only=True, outcome=Outcome.APPROVED)
    order.status = order.status_on(timezone.localdate())
    form = TeacherCodeForm(typed_data(request))
    if request.method == "POST" and form.is_valid():
        sent = attempt(form, send_teacher_code, order=order, by=request.user, **form.cleaned_data)
        if sent:
            text = ngettext(
                "The teacher code of order %(order)s goes to %(number)d address.",
                "The teacher code of order %(order)s goes to %(number)d addresses.",
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
