"""The admin of requests for new licenses."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jasper_inventory.accounts.models import Organization
from licenses.admin.reviews import FormOptions, ReviewAdmin
from licenses.models import LicenseRequest, RequestFields
from licenses.models.order_queryset import OrderQuerySet


def students_asked(asked: RequestFields) -> str | int:
    """Return the requested number of students, in words."""
    return _("unlimited") if asked.requested_students is None else asked.requested_students


@admin.register(LicenseRequest)
class LicenseRequestAdmin(ReviewAdmin[LicenseRequest]):
    """Orders that began as a request for a new license."""

    list_display = (
        *("number", "requested_at", "assigned_to", "inventory_type", "asked_students"),
        *("requested_to", "requested_by", "outcome"),
    )
    list_select_related = ("assigned_to", "requested_to", "requested_by")
    sorted_when_few = list_display
    search_fields = ("number__exact", "compact_purchase_order", "assigned_to__folded")
    search_help_text = gettext_lazy("Order number, purchase order or organization")
    history_parts = ("order",)
    links = []
    review_template = "admin/licenses/licenserequest/review.html"

    @admin.display(description=gettext_lazy("students"), ordering="requested_students")
    def asked_students(self, asked: LicenseRequest) -> str | int:
        return students_asked(asked)

    def get_queryset(self, request: HttpRequest) -> OrderQuerySet:
        # A renewed order is requested by its renewal request, listed elsewhere.
        asked = super().get_queryset(request)
        assert isinstance(asked, OrderQuerySet)
        return asked.filter(requested_at__isnull=False, renewal_of=None).with_people()

    def label_of(self, row: LicenseRequest) -> str:
        return f"{row} – {row.assigned_to}"

    def form_options(self, asked: LicenseRequest) -> FormOptions:
        return {"is_codes": asked.is_codes, "keeps_code": False}

    def facts(self, request: HttpRequest, asked: LicenseRequest) -> dict[str, Any]:
        holder = asked.assigned_to
        held = reverse("admin:licenses_order_changelist") + f"?assigned_to__id__exact={holder.pk}"
        return {
            "products": asked.products.select_related("family"),
            "students": students_asked(asked),
            "above": Organization.objects.get_ancestors(holder),
            "held_url": held,
            "order_url": reverse("admin:licenses_order_change", args=[asked.pk]),
        }
