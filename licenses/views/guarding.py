"""The windows around a code that is passed around: students over time, alerts, pause, new code."""

from django.core.exceptions import PermissionDenied
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from jasper_inventory.accounts.decorators import administrator_required
from jasper_inventory.lib.form_recovery import keeps_typed, typed_data
from licenses import curves, services
from licenses.access import get_order, may_guard
from licenses.forms import OrderAlertsForm, OrderPauseForm, OrderReplaceCodeForm, OrderUnpauseForm
from licenses.models import InventoryType, Outcome
from licenses.usage import usage_of
from licenses.views.windows import acted

ALERTS_SHOWN = 20


@require_safe
@administrator_required
def order_usage(request, number):
    """Students over Time: the curve of an order's students, its alerts, what one can do."""
    today = timezone.localdate()
    order = get_order(request, number, outcome=Outcome.APPROVED)
    order.status = order.status_on(today)
    usage = usage_of(order, today)
    marks = (order.first_alert, order.second_alert) if order.is_unlimited else (order.capacity,)
    context = {
        "order": order,
        "usage": usage,
        "curve": curves.draw(usage.points, marks=marks) if usage.steps else None,
        "alerts": list(order.alerts.all()[:ALERTS_SHOWN]),
        "may_guard": may_guard(request, order),
    }
    return render(request, "licenses/order_usage.html", context)


def _guarded_order(request, number, **facts):
    """The approved order, for who holds it or assigned it; to others who see it, 403."""
    order = get_order(request, number, outcome=Outcome.APPROVED, **facts)
    if not may_guard(request, order):
        raise PermissionDenied
    order.status = order.status_on(timezone.localdate())
    return order


@keeps_typed
@require_http_methods(["GET", "POST"])
@administrator_required
def order_alerts(request, number):
    """Alerts: at how many students an unlimited order raises them."""
    order = _guarded_order(
        request, number, inventory_type=InventoryType.CENTER_LICENSE, students=None
    )
    initial = {"first_alert": order.first_alert, "second_alert": order.second_alert}
    return acted(
        request,
        order,
        OrderAlertsForm(typed_data(request), initial=initial),
        service=services.set_alerts,
        done=_("The alerts of order %(order)s are set. We'll notify you when one is reached."),
        template="licenses/order_alerts.html",
    )


@keeps_typed
@require_http_methods(["GET", "POST"])
@administrator_required
def order_pause(request, number):
    """Pause New Enrollments: nobody joins the order until it is allowed again."""
    return acted(
        request,
        _guarded_order(request, number),
        OrderPauseForm(typed_data(request)),
        service=services.pause_joining,
        done=_(
            "New enrollments on order %(order)s are paused. No one can join it until you allow "
            "them again."
        ),
        template="licenses/order_pause.html",
    )


@keeps_typed
@require_http_methods(["GET", "POST"])
@administrator_required
def order_unpause(request, number):
    """Allow New Enrollments again."""
    return acted(
        request,
        _guarded_order(request, number),
        OrderUnpauseForm(typed_data(request)),
        service=services.unpause_joining,
        done=_("New enrollments on order %(order)s are allowed again."),
        template="licenses/order_unpause.html",
    )


@keeps_typed
@require_http_methods(["GET", "POST"])
@administrator_required
def order_replace_code(request, number):
    """Replace Teacher Code: the old one stops working at once."""
    order = _guarded_order(request, number)
    # Students come to an unlimited license by group keys alone: what is passed around is one.
    initial = {"shown": order.teacher_code_id, "group_keys": order.is_unlimited}
    return acted(
        request,
        order,
        OrderReplaceCodeForm(typed_data(request), initial=initial),
        service=services.replace_teacher_code,
        done=_(
            "Order %(order)s has a new teacher code: %(result)s. Give it to your teachers; the old "
            "one no longer works."
        ),
        template="licenses/order_replace_code.html",
    )
