"""The admin of renewal requests: the current order beside the requested one."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jasper_inventory.accounts.models import Organization
from jasper_inventory.lib.admin import Link
from licenses.admin import ReviewAdmin
from licenses.admin.reviews import FormOptions
from licenses.models import Order
from licenses.services.requests import offered_terms
from renewals import services
from renewals.models import CodeChoice, RenewalRequest


@admin.register(RenewalRequest)
class RenewalRequestAdmin(ReviewAdmin[RenewalRequest]):
    """Requests to renew an order. Approving one creates the new order."""

    list_display = (
        *("order", "requested_at", "holder", "inventory_type", "code_choice", "start_date"),
        *("finish_date", "requested_to", "outcome"),
    )
    list_select_related = ("order__assigned_to", "requested_to", "requested_by")
    sorted_when_few = list_display
    search_fields = ("order__number__exact", "compact_purchase_order", "order__assigned_to__folded")
    search_help_text = gettext_lazy("Order number, purchase order or organization")
    links = []
    review_template = "admin/renewals/renewalrequest/review.html"

    @admin.display(description=gettext_lazy("assigned to"), ordering="order__assigned_to__folded")
    def holder(self, renewal: RenewalRequest) -> Organization:
        return renewal.order.assigned_to

    def _name(self, asked: RenewalRequest) -> str:
        return str(asked)

    @admin.display(description=gettext_lazy("inventory type"), ordering="order__inventory_type")
    def inventory_type(self, renewal: RenewalRequest) -> str:
        return renewal.order.get_inventory_type_display()

    def get_queryset(self, request: HttpRequest) -> QuerySet[RenewalRequest]:
        return (
            super()
            .get_queryset(request)
            .select_related(
                *("order__assigned_to", "order__teacher_code", "new_order__teacher_code"),
                *("requested_to", "requested_by", "requested_by_organization", "reviewed_by"),
            )
        )

    def label_of(self, row: RenewalRequest) -> str:
        return f"{row} – {row.order.assigned_to}"

    def form_options(self, asked: RenewalRequest) -> FormOptions:
        return {
            "is_codes": asked.order.is_codes,
            "keeps_code": asked.code_choice == CodeChoice.EXISTING,
        }

    def more_facts(self, asked: RenewalRequest) -> list[tuple[str, str]]:
        if asked.code_choice != CodeChoice.EXISTING:
            return [(_("People"), _("no one keeps a seat on the new order"))]
        if asked.order.is_codes:
            return [(_("People"), _("teachers keep their seats on the new order"))]
        return [(_("People"), _("teachers and students keep their seats on the new order"))]

    def facts(self, request: HttpRequest, asked: RenewalRequest) -> dict[str, Any]:
        old = Order.objects.with_status(timezone.localdate()).with_people().get(pk=asked.order_id)
        held = reverse("admin:licenses_order_changelist")
        return {
            "old": old,
            "compared": _compared(old, asked),
            "terms": offered_terms(asked),
            "products": old.products.select_related("family"),
            "old_url": reverse("admin:licenses_order_change", args=[old.pk]),
            "new_url": asked.new_order_id
            and reverse("admin:licenses_order_change", args=[asked.new_order_id]),
            "held_url": f"{held}?assigned_to__id__exact={old.assigned_to_id}",
            "keepers": services.keepers(asked, seats=asked.requested_students),
        }


def _compared(old: Order, asked: RenewalRequest) -> list[tuple[str, str, str]]:
    """Return what the order has beside what was requested: (label, current, requested)."""
    current = dict(old.terms_facts)
    current[_("Students")] = _("%(seats)s (%(taken)s taken)") % {
        "seats": _("unlimited") if old.seats is None else f"{old.seats:,}",
        "taken": f"{old.seats_taken:,}",
    }
    return [(label, current.get(label, "–"), text) for label, text in asked.requested_facts]


def renewals_link(request: HttpRequest, order: Order) -> Link:
    """Link the page of an order to its renewal requests."""
    if not RenewalRequest.objects.filter(order=order).exists():
        return None
    url = reverse("admin:renewals_renewalrequest_changelist")
    return _("Renewal requests"), f"{url}?order__id__exact={order.pk}&outcome=all"
