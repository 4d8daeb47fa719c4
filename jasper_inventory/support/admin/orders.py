"""The admin of orders, codes, enrollments and redemptions, with links between the apps.

The apps below define these classes but can't import each other, so they are registered here.
"""

from collections.abc import Callable

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from activation_codes.admin import (
    ActivationCodeAdmin,
    RedemptionAdmin,
    codes_link,
    redemption_link,
)
from activation_codes.models import ActivationCode, Redemption
from jasper_inventory.lib.admin import Link
from jasper_inventory.support.admin_diagnostics import may_explain
from licenses.admin import EnrollmentAdmin, OrderAdmin
from licenses.models import Enrollment, Order
from renewals.admin import renewals_link


def _why_link(page: str, key: str = "pk") -> Callable[[HttpRequest, Model], Link]:
    def link(request: HttpRequest, row: Model) -> Link:
        address = reverse(f"admin:{page}", args=[getattr(row, key)])
        return (_("Troubleshoot"), address) if may_explain(request.user) else None

    return link


def _on_site(request: HttpRequest, order: Order) -> Link:
    """Link the order's window on the site, if the person's active role there may see it."""
    membership = getattr(request, "membership", None)
    if membership is None:
        return None
    is_visible = Order.objects.visible_to(membership).filter(pk=order.pk).exists()
    return (_("Open on the site"), order.get_absolute_url()) if is_visible else None


@admin.register(Order)
class LinkedOrderAdmin(OrderAdmin):
    """Orders; their history includes the renewal request that created them."""

    links = [*OrderAdmin.links, codes_link, renewals_link, _why_link("why_order"), _on_site]
    history_parts = (*OrderAdmin.history_parts, "new_order")


@admin.register(ActivationCode)
class LinkedActivationCodeAdmin(ActivationCodeAdmin):
    """Activation codes."""

    links = [*ActivationCodeAdmin.links, _why_link("why_activation_code")]


@admin.register(Enrollment)
class LinkedEnrollmentAdmin(EnrollmentAdmin):
    """Teachers and students of orders."""

    links = [*EnrollmentAdmin.links, redemption_link, _why_link("why_enrollment")]


@admin.register(Redemption)
class LinkedRedemptionAdmin(RedemptionAdmin):
    """Redemptions of activation codes."""

    links = [*RedemptionAdmin.links, _why_link("why_enrollment", key="enrollment_id")]
