"""The Usage window of an order."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from jasper_inventory.accounts.decorators import MemberHttpRequest, administrator_required
from licenses.actions import usage_actions
from licenses.models import Outcome
from licenses.usage import draw, usage_of
from licenses.views.alerts import ALERTS_SHOWN
from licenses.views.shortcuts import get_order


@require_safe
@administrator_required
def order_usage(request: MemberHttpRequest, number: int) -> HttpResponse:
    """Usage: the curve of an order's students, its alerts, and the actions."""
    today = timezone.localdate()
    order = get_order(request, number, outcome=Outcome.APPROVED)
    order.status = order.status_on(today)
    usage = usage_of(order, today)
    alerts = (order.first_alert, order.second_alert)
    marks = alerts if order.seats is None else (order.seats,)
    context = {
        "order": order,
        "usage": usage,
        "curve": draw(usage.points, marks=marks) if usage.steps else None,
        "alerts": list(order.alerts.all()[:ALERTS_SHOWN]),
        "actions": usage_actions(order, request.membership),
    }
    return render(request, "licenses/order_usage.html", context)
