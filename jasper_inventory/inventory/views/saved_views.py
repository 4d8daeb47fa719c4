"""Saved views: a window with all of them, and windows to change and delete one."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from jasper_inventory.accounts.decorators import MemberHttpRequest, administrator_required
from jasper_inventory.accounts.models import SavedView
from jasper_inventory.accounts.services.preferences import hide_columns
from jasper_inventory.accounts.services.saved_views import change_view, delete_view, save_view
from jasper_inventory.inventory.columns import HIDEABLE, hidden_columns
from jasper_inventory.inventory.filters import OrderFilter
from jasper_inventory.inventory.forms import ColumnsForm, ViewForm
from jasper_inventory.lib.dialogs import back_url
from jasper_inventory.lib.forms import attempt, focus_first_error
from licenses.models import Order


@require_http_methods(["GET", "HEAD", "POST"])
@administrator_required
def view_list(request: MemberHttpRequest) -> HttpResponse:
    """List the views that a role may open; save the search that `query` has as one more."""
    form = ViewForm(request.POST or None)
    query = QueryDict(request.GET.get("query", "").encode("utf-8", "replace"))
    search = OrderFilter(query, Order.objects.none(), request=request)
    if request.method == "POST" and form.is_valid():
        saved = attempt(
            form, save_view, query=search.shareable, by=request.membership, **form.cleaned_data
        )
        if saved:
            messages.success(request, _("The view “%(name)s” was saved.") % {"name": saved})
            return redirect(_address(saved))
        focus_first_error(form)
    membership = request.membership
    views = list(SavedView.objects.visible_to(membership).listed())
    context = {
        "form": form,
        "search": search,
        "views": [(view, _address(view), _is_managed(view, request)) for view in views],
    }
    return render(request, "inventory/view_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@administrator_required
def view_edit(request: MemberHttpRequest, pk: int) -> HttpResponse:
    """Rename a view, and share it or not."""
    view = get_object_or_404(_manageable(request), pk=pk)
    form = ViewForm(request.POST or None, initial={"name": view.name, "is_shared": view.is_shared})
    if request.method == "POST" and form.is_valid():
        attempt(form, change_view, view=view, by=request.membership, **form.cleaned_data)
        if form.is_valid():
            name = form.cleaned_data["name"]
            messages.success(request, _("The view “%(name)s” was saved.") % {"name": name})
            return redirect(_address(view))
        focus_first_error(form)
    context = {"form": form, "view": view, "address": _address(view)}
    return render(request, "inventory/view_edit.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@administrator_required
def view_delete(request: MemberHttpRequest, pk: int) -> HttpResponse:
    """Delete a view after confirmation."""
    view = get_object_or_404(_manageable(request), pk=pk)
    if request.method == "POST":
        delete_view(view=view, by=request.membership)
        messages.success(request, _("The view “%(name)s” was deleted.") % {"name": view})
        return redirect("inventory:order_list")
    return render(request, "inventory/view_delete.html", {"view": view, "address": _address(view)})


@require_http_methods(["GET", "HEAD", "POST"])
@administrator_required
def column_list(request: MemberHttpRequest) -> HttpResponse:
    """Choose the columns of the inventory that a person sees, until they choose others."""
    is_supplier = request.membership.organization.is_supplier
    names = [name for name in HIDEABLE if is_supplier or name != "holder"]
    hidden = hidden_columns(request)
    initial = {"columns": [name for name in names if name not in hidden]}
    form = ColumnsForm(request.POST or None, names=names, initial=initial)
    if request.method == "POST" and form.is_valid():
        shown = form.cleaned_data["columns"]
        hide_columns(by=request.user, names=[name for name in names if name not in shown])
        return redirect(back_url(request))
    return render(request, "inventory/column_list.html", {"form": form})


def _manageable(request: MemberHttpRequest) -> QuerySet[SavedView]:
    return SavedView.objects.manageable_by(request.membership).listed()


def _is_managed(view: SavedView, request: MemberHttpRequest) -> bool:
    """Return whether a visible view is manageable, as the query of these is."""
    own = request.membership.organization_id
    return view.organization_id == own and (view.is_shared or view.owner_id == request.user.pk)


def _address(view: SavedView) -> str:
    return f"{reverse('inventory:order_list')}{'?' if view.query else ''}{view.query}"
