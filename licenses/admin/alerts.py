"""Read-only admin of raised alerts and of the runs of `send_alerts`."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from jasper_inventory.accounts.models import Organization
from jasper_inventory.lib.admin import ServiceAdmin
from jasper_inventory.lib.admin_base import ModelT
from licenses.models import Alert, AlertRun


class _ReadOnlyAdmin(ServiceAdmin[ModelT]):
    def get_readonly_fields(self, request: HttpRequest, obj: ModelT | None = None) -> Any:
        return self.fields

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: ModelT | None = None) -> bool:
        return False


@admin.register(Alert)
class AlertAdmin(_ReadOnlyAdmin[Alert]):
    """Which order raised which alert, and when. The emails are under Notices."""

    list_display = ("raised_at", "order", "holder", "kind", "mark", "students")
    list_filter = ("kind",)
    list_select_related = ("order__assigned_to",)
    sorted_when_few = ("raised_at", "kind", "mark", "students")
    search_fields = ("order__number__exact", "order__assigned_to__folded")
    search_help_text = gettext_lazy("Order number, organization")
    fields = ("order", "holder", "kind", "mark", "students", "raised_at")

    @admin.display(description=gettext_lazy("organization"), ordering="order__assigned_to__folded")
    def holder(self, alert: Alert) -> Organization:
        return alert.order.assigned_to


@admin.register(AlertRun)
class AlertRunAdmin(_ReadOnlyAdmin[AlertRun]):
    """Each run of `send_alerts`, to distinguish a quiet day from a failed run."""

    list_display = ("started_at", "finished_at", "orders", "alerts")
    fields = ("started_at", "finished_at", "orders", "alerts")
