"""Admin pages for an order's alerts, enrollment pause and teacher code."""

from functools import partial
from typing import TYPE_CHECKING

from django.contrib.admin.utils import unquote
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from jasper_inventory.accounts.people_admin import staff_of
from jasper_inventory.accounts.reauthentication import asks_again
from jasper_inventory.lib.admin import Link, ServiceAdmin
from licenses.forms.alerts import OrderAlertsForm
from licenses.forms.enrollments import OrderPauseForm
from licenses.forms.join_codes import GroupKeysForm
from licenses.models import Order
from licenses.permissions import Allowed, can_pause, can_replace_code, can_set_alerts
from licenses.services.alerts import set_alerts
from licenses.services.enrollments import pause_joining, unpause_joining
from licenses.services.join_codes import replace_teacher_code

if TYPE_CHECKING:
    # What the mixin's users inherit.
    _OrderAdmin = ServiceAdmin[Order]
else:
    _OrderAdmin = object


def may_act(request: HttpRequest, order: Order, permission: Allowed) -> bool:
    """Return whether the person may change orders in the admin and has this permission."""
    return request.user.has_perm("licenses.change_order") and permission(order, staff_of(request))


def _page(request: HttpRequest, order: Order, label: str, name: str, permission: Allowed) -> Link:
    if not order.is_approved or not may_act(request, order, permission):
        return None
    return label, reverse(f"admin:licenses_order_{name}_page", args=[order.pk])


def _pause(request: HttpRequest, order: Order) -> Link:
    if order.joining_paused_at is None:
        return _page(request, order, _("Pause enrollment"), "pause", can_pause)
    return _page(request, order, _("Resume enrollment"), "unpause", can_pause)


def _replace_code(request: HttpRequest, order: Order) -> Link:
    return _page(request, order, _("Replace teacher code"), "replace_code", can_replace_code)


def _alerts(request: HttpRequest, order: Order) -> Link:
    if not order.is_unlimited:
        return None
    return _page(request, order, _("Alerts"), "alerts", can_set_alerts)


LINKS = [_pause, _replace_code, _alerts]
PAGES = {
    "pause": "pause_page",
    "unpause": "unpause_page",
    "replace-code": "replace_code_page",
    "alerts": "alerts_page",
}


class OrderPages(_OrderAdmin):
    """The pages in PAGES, for the admin of orders."""

    def pause_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Pause enrollment: no one can join the order or redeem its codes until it is resumed."""
        return self.confirmed(
            request,
            object_id,
            title=_("Pause enrollment"),
            text=lambda order: (
                _(
                    "No one can join order %(order)s or redeem its codes until you resume "
                    "enrollment. People already enrolled are not affected. Orders allocated from "
                    "it and renewals are not paused."
                )
                % {"order": order}
            ),
            act=lambda order, reason: pause_joining(
                order=order, by=staff_of(request), reason=reason
            ),
            done=_("Enrollment on order %(name)s is paused."),
            form_class=OrderPauseForm,
        )

    def unpause_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Resume enrollment on an order."""
        return self.confirmed(
            request,
            object_id,
            title=_("Resume enrollment"),
            text=lambda order: (
                _("%(who)s paused enrollment. %(reason)s")
                % {"who": order.joining_paused_by, "reason": order.joining_pause_reason}
            ),
            act=lambda order: unpause_joining(order=order, by=staff_of(request)),
            done=_("Enrollment on order %(name)s was resumed."),
        )

    @asks_again
    def replace_code_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Replace an order's teacher code and, if chosen, its teachers' group keys."""
        order = self.get_object(request, unquote(object_id))
        initial = {"group_keys": bool(order and order.is_unlimited)}
        return self.confirmed(
            request,
            object_id,
            title=_("Replace teacher code"),
            text=lambda order: (
                _(
                    "The teacher code %(code)s stops working immediately. Teachers and students "
                    "who already joined order %(order)s keep their access. If a renewal shares "
                    "the code, it gets the new one too."
                )
                % {"order": order, "code": order.teacher_code}
            ),
            act=lambda order, group_keys: replace_teacher_code(
                order=order,
                shown=order.teacher_code_id,
                group_keys=group_keys,
                by=staff_of(request),
            ),
            done=_("Order %(name)s has a new teacher code."),
            form_class=partial(GroupKeysForm, initial=initial),
        )

    def alerts_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Set the numbers of students at which an unlimited order raises its alerts."""
        order = self.get_object(request, unquote(object_id))
        initial = {}
        if order is not None:
            initial = {"first_alert": order.first_alert, "second_alert": order.second_alert}
        return self.confirmed(
            request,
            object_id,
            title=_("Alerts"),
            text=lambda order: (
                _("Order %(order)s has %(students)d students. Each alert is sent once.")
                % {"order": order, "students": order.enrolled}
            ),
            act=lambda order, **numbers: set_alerts(order=order, by=staff_of(request), **numbers),
            done=_("The alerts for order %(name)s were set."),
            form_class=partial(OrderAlertsForm, initial=initial),
        )
