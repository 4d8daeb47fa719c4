"""The admin of activation codes: settings, creating, downloading, and redemptions.

Lists of codes have no search, because it would put codes into URLs and the server's log. The page
Find a code searches by POST.
"""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import display_for_value
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from activation_codes import exports
from activation_codes.forms import CodeSettingsForm
from activation_codes.models import (
    ActivationCode,
    CodeBatch,
    PendingBatch,
    Redemption,
    RedemptionQuerySet,
)
from activation_codes.services.codes import save_settings, why_no_codes
from activation_codes.services.pending_batches import cancel_batch, create_or_queue_codes
from activation_codes.services.redemptions import reclaim_redemption, restore_redemption
from activation_codes.services.workbooks import (
    cancel_workbook,
    request_workbook,
    take_workbook,
    workbook_of,
)
from jasper_inventory.accounts.models import Organization, User
from jasper_inventory.accounts.people_admin import PeopleAdmin, record_look, staff_of
from jasper_inventory.accounts.reauthentication import asks_again
from jasper_inventory.lib.admin import Choices, Link, PresetFilter, ServiceAdmin
from jasper_inventory.lib.downloads import limited_download
from jasper_inventory.lib.forms import attempt
from licenses.models import Enrollment, InventoryType, Order


class UsedFilter(admin.SimpleListFilter):
    title = gettext_lazy("used")
    parameter_name = "used"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return [("no", _("Not used")), ("yes", _("Used"))]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[ActivationCode]
    ) -> QuerySet[ActivationCode]:
        if self.value() == "no":
            return queryset.filter(used=0)
        return queryset.filter(used__gt=0) if self.value() else queryset


def _order(request: HttpRequest, code: ActivationCode) -> Link:
    return _("Order"), reverse("admin:licenses_order_change", args=[code.order_id])


class ActivationCodeAdmin(ServiceAdmin[ActivationCode]):
    """Codes, read-only, and the page of an order's codes, where they are created.

    `support.admin.orders` registers this class and `RedemptionAdmin`, with links to pages of apps
    above.
    """

    list_display = ("__str__", "order", "holder", "users", "used")
    list_filter = (UsedFilter,)
    list_select_related = ("order__assigned_to",)
    sorted_when_few = ("users", "used")
    ordering = ("-order", "pk")
    fields = (
        *("__str__", "order", "users", "used"),
        *("replacement", "replaced_by", "replaced_at"),
    )
    readonly_fields = fields
    links = [_order]

    @admin.display(description=gettext_lazy("organization"))
    def holder(self, code: ActivationCode) -> Organization:
        return code.order.assigned_to

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(
        self, request: HttpRequest, obj: ActivationCode | None = None
    ) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        return [
            path(
                f"order/<int:order_id>/{address}",
                self.admin_site.admin_view(view),
                name=f"activation_codes_{name}",
            )
            for address, view, name in (
                ("", self.order_page, "order_page"),
                ("download/", self.download, "download"),
            )
        ] + super().get_urls()

    def _order(self, request: HttpRequest, order_id: int) -> Order:
        if not self.has_view_permission(request):
            raise PermissionDenied
        orders = Order.objects.with_people().filter(
            inventory_type=InventoryType.USER_ACTIVATION_CODES
        )
        return get_object_or_404(orders, pk=order_id)

    def order_page(self, request: HttpRequest, order_id: int) -> HttpResponse:
        """Change an order's code settings or create its codes, as its license holder can."""
        order = self._order(request, order_id)
        may_save = request.user.has_perm("licenses.change_order")
        may_create = request.user.has_perm("activation_codes.add_codebatch")
        creates, cancels = "_create" in request.POST, "_cancel" in request.POST
        form = CodeSettingsForm(request.POST or None, instance=order)
        if request.method == "POST":
            if "_cancel_download" in request.POST:
                return self._download_canceled(request, order)
            if not (may_create if creates or cancels else may_save):
                raise PermissionDenied
            if cancels:
                return self._canceled(request, order)
            if form.is_valid() and self._saved(request, order, form, creates):
                return redirect(request.path)
        codes = reverse("admin:activation_codes_activationcode_changelist")
        context = {
            **self._page_context(request, _("User activation codes of order %s") % order, None),
            "order": order,
            "form": form,
            "batches": CodeBatch.objects.filter(order=order).select_related("created_by"),
            "pending": PendingBatch.objects.filter(order=order).first(),
            "workbook": workbook_of(order),
            "why_not": why_no_codes(order),
            "may_save": may_save,
            "may_create": may_create,
            "codes_url": f"{codes}?order__id__exact={order.pk}",
            "order_url": reverse("admin:licenses_order_change", args=[order.pk]),
        }
        return TemplateResponse(request, "admin/activation_codes/order.html", context)

    def _saved(
        self, request: HttpRequest, order: Order, form: CodeSettingsForm, creates: bool
    ) -> bool:
        service: Callable[..., object] = create_or_queue_codes if creates else save_settings
        result = attempt(form, service, order=order, boxes=form.cleaned_data, by=staff_of(request))
        if result is None:
            return False
        if not creates:
            text = _("The options of order %(order)s were saved.") % {"order": order}
        elif isinstance(result, PendingBatch):
            text = _("The activation codes are being created in the background.")
        elif result:
            text = _("%(number)d activation codes were created.") % {"number": result}
        else:
            text = _("The activation codes were already created.")
        self.message_user(request, text, messages.SUCCESS)
        return True

    def _canceled(self, request: HttpRequest, order: Order) -> HttpResponse:
        if cancel_batch(order=order, by=staff_of(request)):
            self.message_user(request, _("Creating the codes was canceled."), messages.SUCCESS)
        else:
            self.message_user(request, _("No codes are pending."), messages.INFO)
        return redirect(request.path)

    def _download_canceled(self, request: HttpRequest, order: Order) -> HttpResponse:
        if cancel_workbook(order=order, by=staff_of(request)):
            self.message_user(request, _("The download was canceled."), messages.SUCCESS)
        else:
            self.message_user(request, _("No workbook is being written."), messages.INFO)
        return redirect(request.path)

    @asks_again
    @limited_download
    def download(self, request: HttpRequest, order_id: int) -> HttpResponseBase:
        """Download the workbook of the order's codes, as its license holder can."""
        order, by = self._order(request, order_id), staff_of(request)
        if request.method == "HEAD":
            return exports.head_of_download(order)
        file = take_workbook(order=order, by=by)
        if file is None:
            request_workbook(order=order, by=by)
            text = _("The workbook is being written in the background.")
            self.message_user(request, text, messages.SUCCESS)
            return redirect("admin:activation_codes_order_page", order.pk)
        redeemed = Redemption.objects.filter(code__order=order)
        record_look(request, "codes_download", redeemed.values_list("enrollment__user", flat=True))
        return exports.as_download(order, file)


class RedeemedFilter(PresetFilter):
    """A filter by whether the student is still on the order; current redemptions by default."""

    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return [(None, _("On the order")), ("removed", _("Removed")), ("all", _("All"))]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[Redemption]
    ) -> QuerySet[Redemption]:
        if self.value() is None:
            assert isinstance(queryset, RedemptionQuerySet)
            return queryset.current()
        if self.value() == "removed":
            return queryset.exclude(enrollment__removed_at=None)
        return queryset


def _reclaim(request: HttpRequest, redemption: Redemption) -> Link:
    if redemption.enrollment.removed_at or not request.user.has_perm(
        "activation_codes.change_redemption"
    ):
        return None
    return _("Remove"), reverse(
        "admin:activation_codes_redemption_reclaim_page", args=[redemption.pk]
    )


def _restore(request: HttpRequest, redemption: Redemption) -> Link:
    if not redemption.enrollment.removed_at or not request.user.has_perm(
        "activation_codes.change_redemption"
    ):
        return None
    return _("Restore"), reverse(
        "admin:activation_codes_redemption_restore_page", args=[redemption.pk]
    )


class RedemptionAdmin(PeopleAdmin[Redemption]):
    """Redemptions of codes. Removing one removes the student and returns the use of the code."""

    person = "enrollment.user_id"
    list_display = ("student", "code", "order", "redeemed_at", "last_day", "removed_at")
    list_filter = (RedeemedFilter,)
    list_select_related = ("code__order", "enrollment__order", "enrollment__user")
    sorted_when_few = ("redeemed_at", "last_day", "removed_at")
    search_fields = ("enrollment__user__folded", "code__order__number__exact")
    search_help_text = gettext_lazy("Name, username, email address or order number")
    ordering = ("-pk",)
    fields = ("student", "code", "order", "redeemed_at", "last_day", "removed_at")
    readonly_fields = fields
    actions = ("reclaim_selected",)
    pages = {"take-back": "reclaim_page", "restore": "restore_page"}
    links = [_reclaim, _restore]

    @admin.display(description=gettext_lazy("student"), ordering="enrollment__user__folded")
    def student(self, redemption: Redemption) -> User:
        return redemption.enrollment.user

    @admin.display(description=gettext_lazy("order"), ordering="code__order")
    def order(self, redemption: Redemption) -> Order:
        return redemption.code.order

    @admin.display(description=gettext_lazy("last day"), ordering="enrollment__ends_on")
    def last_day(self, redemption: Redemption) -> date:
        return redemption.enrollment.last_day

    @admin.display(description=gettext_lazy("removed"), ordering="enrollment__removed_at")
    def removed_at(self, redemption: Redemption) -> str:
        return display_for_value(redemption.enrollment.removed_at, self.get_empty_value_display())

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Redemption | None = None) -> bool:
        return obj is None and super().has_change_permission(request)

    def label_of(self, row: Redemption) -> str:
        return f"{row} – {row.code}"

    def _reclaim(self, request: HttpRequest, redemption: Redemption) -> None:
        reclaim_redemption(redemption=redemption, by=staff_of(request))

    def reclaim_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Remove one redemption after a confirmation."""
        return self.confirmed(
            request,
            object_id,
            title=_("Remove Redemption"),
            text=lambda redemption: (
                _(
                    "%(name)s is removed from order %(order)s immediately. The code can be used "
                    "one more time."
                )
                % {"name": redemption.enrollment.user, "order": redemption.code.order}
            ),
            act=lambda redemption: self._reclaim(request, redemption),
            done=_("Removed: %(name)s."),
        )

    def restore_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Restore a removed redemption after a confirmation."""
        return self.confirmed(
            request,
            object_id,
            title=_("Restore Redemption"),
            text=lambda redemption: (
                _("%(name)s is restored to order %(order)s and takes one use of the code again.")
                % {"name": redemption.enrollment.user, "order": redemption.code.order}
            ),
            act=lambda redemption: restore_redemption(redemption=redemption, by=staff_of(request)),
            done=_("Restored: %(name)s."),
        )

    @admin.action(permissions=["change"], description=gettext_lazy("Remove selected redemptions"))
    def reclaim_selected(
        self, request: HttpRequest, queryset: QuerySet[Redemption]
    ) -> HttpResponse | None:
        """Remove the selected redemptions after a confirmation, and report each."""
        return self.confirmed_for_each(
            request,
            queryset,
            lambda redemption: self._reclaim(request, redemption),
            action="reclaim_selected",
            title=_("Remove Redemptions"),
            done=_("Removed: %(names)s."),
        )


def codes_link(request: HttpRequest, order: Order) -> Link:
    """Link the page of an order to that of its activation codes."""
    if not order.is_codes:
        return None
    return _("Activation codes"), reverse("admin:activation_codes_order_page", args=[order.pk])


def redemption_link(request: HttpRequest, enrollment: Enrollment) -> Link:
    """Link the page of an enrollment to the redemption that created it."""
    redemption = Redemption.objects.filter(enrollment=enrollment).first()
    if redemption is None:
        return None
    url = reverse("admin:activation_codes_redemption_change", args=[redemption.pk])
    return _("Redemption"), url
