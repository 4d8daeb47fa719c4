"""What windows around one service share."""

from django.contrib import messages
from django.shortcuts import redirect, render

from jasper_inventory.lib.dialogs import back_url
from jasper_inventory.lib.forms import attempt, focus_first_error


def acted(request, order, form, *, service, done, template):
    """A window around a service, whose message may name `order`, `holder` and `result`."""
    if request.method == "POST" and form.is_valid():
        result = attempt(form, service, order=order, by=request.user, **form.cleaned_data)
        # A refusal has become an error of the form.
        if form.is_valid():
            names = {"order": order, "holder": order.assigned_to, "result": result}
            messages.success(request, done % names)
            return redirect(back_url(request))
    if form.is_bound:
        focus_first_error(form)
    return render(request, template, {"order": order, "form": form})
