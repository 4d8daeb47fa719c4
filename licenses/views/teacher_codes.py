"""The Email Teacher Code window."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from jasper_inventory.accounts.decorators import administrator_required
from jasper_inventory.lib.dialogs import back_url
from jasper_inventory.lib.form_recovery import keeps_typed, typed_data
from jasper_inventory.lib.forms import attempt, focus_first_error
from licenses import services
from licenses.access import get_order
from licenses.forms import TeacherCodeForm
from licenses.models import Outcome


@keeps_typed
@require_http_methods(["GET", "POST"])
@administrator_required
def teacher_code_send(request, number):
    """Send an order's teacher code to those who are to teach on it."""
    order = get_order(request, number, holder_only=True, outcome=Outcome.APPROVED)
    order.status = order.status_on(timezone.localdate())
    form = TeacherCodeForm(typed_data(request))
    if request.method == "POST" and form.is_valid():
        sent = attempt(
            form, services.send_teacher_code, order=order, by=request.user, **form.cleaned_data
        )
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
        "why_not": "" if form.is_bound else services.why_not_to_send(order),
    }
    return render(request, "licenses/teacher_code_send.html", context)
