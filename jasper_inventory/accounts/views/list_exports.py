"""Downloads: the large exports that a person requested in the active role."""

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from jasper_inventory.accounts.decorators import MemberHttpRequest, administrator_required
from jasper_inventory.accounts.models import ListExport
from jasper_inventory.accounts.services.list_exports import drop_export, take_export
from jasper_inventory.lib.downloads import limited_download
from jasper_inventory.lib.excel import file_as_download
from jasper_inventory.lib.numbers import is_number, whole_number
from jasper_inventory.lib.returning import post_only


@require_safe
@administrator_required
def export_list(request: MemberHttpRequest) -> HttpResponse:
    """List the exports, newest first, with how far each is."""
    exports = list(ListExport.objects.visible_to(request.membership).order_by("-pk"))
    context = {"exports": exports, "is_waiting": any(each.is_waiting for each in exports)}
    return render(request, "accounts/export_list.html", context)


@require_safe
@administrator_required
def export_progress(request: MemberHttpRequest) -> HttpResponse:
    """Show how far an export is: a part of the page. One that is gone gets an answer, too."""
    key = request.GET.get("export", "")
    exports = ListExport.objects.visible_to(request.membership)
    export = exports.filter(pk=whole_number(key)).first() if is_number(key) else None
    context = {"export": export, "is_update": True}
    return render(request, "accounts/export_state.html", context)


@require_safe
@administrator_required
@limited_download
def export_download(request: MemberHttpRequest, pk: int) -> HttpResponseBase:
    """Download an export that is ready, in the role that requested it."""
    export = get_object_or_404(ListExport.objects.visible_to(request.membership), pk=pk)
    if request.method == "HEAD" and export.is_ready:
        return HttpResponse()
    file = take_export(export=export, by=request.user)
    if file is None:
        messages.info(request, _("This export isn't ready yet."))
        return redirect("accounts:export_list")
    return file_as_download(file, file_name=str(export))


@post_only
@administrator_required
def export_delete(request: MemberHttpRequest, pk: int) -> HttpResponse:
    """Cancel an export, or delete its file."""
    export = get_object_or_404(ListExport.objects.manageable_by(request.membership), pk=pk)
    drop_export(export)
    text = _("The export was canceled.") if export.is_waiting else _("The export was deleted.")
    messages.success(request, text)
    return redirect("accounts:export_list")
