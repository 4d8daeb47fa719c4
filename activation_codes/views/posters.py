"""The poster for a classroom, with the group key of its teacher."""

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from jasper_inventory.accounts.decorators import MemberHttpRequest, teacher_role_required
from jasper_inventory.accounts.reauthentication import asks_again
from jasper_inventory.accounts.services.log_entries import record
from jasper_inventory.lib.qr import qr_svg
from licenses.views.shortcuts import teaching


@require_safe
@never_cache
@teacher_role_required
@asks_again
def group_key_poster(request: MemberHttpRequest, number: int) -> HttpResponse:
    """Show a poster to print; 404 if the teacher has no key, or the license has ended."""
    order, teacher = teaching(request, number)
    if teacher.group_key is None or order.has_ended:
        raise Http404
    if request.method == "GET":
        record("group key.printed", by=request.user, on=order)
    address = settings.SITE_URL + reverse("activation_codes:link")
    context = {
        "order": order,
        "teacher": teacher,
        "address": address.split("://", 1)[-1],
        # Browsers don't send what is after the #.
        "qr": qr_svg(f"{address}#{teacher.group_key}"),
    }
    return render(request, "activation_codes/group_key_poster.html", context)
