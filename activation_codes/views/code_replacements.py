"""Replacing an activation code that leaked."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from activation_codes import services
from activation_codes.models import ActivationCode
from jasper_inventory.accounts.decorators import administrator_required
from jasper_inventory.lib.dialogs import back_url
from jasper_inventory.lib.exceptions import DomainError


@require_http_methods(["GET", "POST"])
@administrator_required
def code_replace(request, code):
    """Replace a code of an order that we hold, after asking once. Its address has no code in it."""
    codes = ActivationCode.objects.manageable_by(request.membership)
    code = get_object_or_404(codes.select_related("order__assigned_to"), pk=code)
    if request.method == "POST":
        try:
            new = services.replace_code(code=code, by=request.user)
            text = _(
                "The new code of order %(order)s is %(code)s. Give it to your students; the old "
                "one no longer works."
            )
            messages.success(request, text % {"order": code.order, "code": new})
        except DomainError as error:
            messages.error(request, error)
        return redirect(back_url(request))
    return render(request, "activation_codes/code_replace.html", {"code": code})
