"""The window of an unlimited order's alerts."""

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from jasper_inventory.accounts.decorators import MemberHttpRequest, administrator_required
from jasper_inventory.lib.form_recovery import keeps_typed, typed_data
from licenses.forms.alerts import OrderAlertsForm
from licenses.models import InventoryType
from licenses.permissions import can_set_alerts
from licenses.services.alerts import set_alerts
from licenses.views.shortcuts import acted, approved_order

ALERTS_SHOWN = 20


@keeps_typed
@require_http_methods(["GET", "POST"])
@administrator_required
def order_alerts(request: MemberHttpRequest, number: int) -> HttpResponse:
    """Alerts: set the numbers of students at which an unlimited order raises alerts."""
    unlimited = {"inventory_type": InventoryType.CENTER_LICENSE, "students": None}
    order = approved_order(request, number, may=can_set_alerts, **unlimited)
    initial = {"first_alert": order.first_alert, "second_alert": order.second_alert}
    return acted(
        request,
        order,
        OrderAlertsForm(typed_data(request), initial=initial),
        service=set_alerts,
        done=_("The alerts for order %(order)s were set. We'll notify you when one is reached."),
        template="licenses/order_alerts.html",
    )
