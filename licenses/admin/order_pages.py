"""Alerts, the enrollment pause and new codes of an order, as pages of the admin."""

from functools import partial

from django.contrib.admin.utils import unquote
from django.urls import reverse
from django.utils.translation import gettext as _

from licenses.forms.alerts import OrderAlertsForm
from licenses.forms.enrollments import OrderPauseForm
from licenses.forms.join_codes import GroupKeysForm
from licenses.services.alerts import set_alerts
from licenses.services.enrollments import pause_joining, unpause_joining
from licenses.services.join_codes import replace_teacher_code


def _page(request, order, label, name):
    if not order.is_approved or not request.user.has_perm("licenses.change_order"):
        return None
    return label, reverse(f"admin:licenses_order_{name}_page", args=[order.pk])


def _pause(request, order):
    if order.joining_paused_at is None:
        return _page(request, order, _("Pause new enrollments"), "pause")
    return _page(request, order, _("Allow new enrollments"), "unpause")


def _replace_code(request, order):
    return _page(request, order, _("Replace the teacher code"), "replace_code")


def _alerts(request, order):
    return _page(request, order, _("Alerts"), "alerts") if order.is_unlimited else None


LINKS = [_pause, _replace_code, _alerts]
PAGES = {
    "pause": "pause_page",
    "unpause": "unpause_page",
    "replace-code": "replace_code_page",
    "alerts": "alerts_page",
}


class GuardingPages:
    """The pages of PAGES, for the admin of orders."""

    def pause_page(self, request, object_id):
        """Let nobody join or redeem on an order until it is allowed again."""
        return self.confirmed(
            request,
            object_id,
            title=_("Pause new enrollments"),
            text=lambda order: (
                _(
                    "Nobody can join order %(order)s or redeem a code of it until new enrollments "
                    "are allowed again. Those who are on it go on. Orders carved from it and "
                    "renewals are not paused."
                )
                % {"order": order}
            ),
            act=lambda order, reason: pause_joining(order=order, by=request.user, reason=reason),
            done=_("New enrollments on order %(name)s are paused."),
            form_class=OrderPauseForm,
        )

    def unpause_page(self, request, object_id):
        """Let people join an order again."""
        return self.confirmed(
            request,
            object_id,
            title=_("Allow new enrollments"),
            text=lambda order: (
                _("New enrollments were paused by %(who)s. %(reason)s")
                % {"who": order.joining_paused_by, "reason": order.joining_pause_reason}
            ),
            act=lambda order: unpause_joining(order=order, by=request.user),
            done=_("New enrollments on order %(name)s are allowed again."),
        )

    def replace_code_page(self, request, object_id):
        """Give an order a new teacher code, and its teachers new group keys."""
        order = self.get_object(request, unquote(object_id))
        initial = {"group_keys": bool(order and order.is_unlimited)}
        return self.confirmed(
            request,
            object_id,
            title=_("Replace the teacher code"),
            text=lambda order: (
                _(
                    "The teacher code %(code)s stops working at once. Teachers and students who "
                    "are on order %(order)s stay. A renewal that shares the code gets the new one "
                    "too."
                )
                % {"order": order, "code": order.teacher_code}
            ),
            act=lambda order, group_keys: replace_teacher_code(
                order=order, shown=order.teacher_code_id, group_keys=group_keys, by=request.user
            ),
            done=_("Order %(name)s has a new teacher code."),
            form_class=partial(GroupKeysForm, initial=initial),
        )

    def alerts_page(self, request, object_id):
        """Set at how many students an unlimited order raises its alerts."""
        order = self.get_object(request, unquote(object_id))
        initial = order and {"first_alert": order.first_alert, "second_alert": order.second_alert}
        return self.confirmed(
            request,
            object_id,
            title=_("Alerts"),
            text=lambda order: (
                _("Order %(order)s has %(students)d students. Each number is told once.")
                % {"order": order, "students": order.enrolled}
            ),
            act=lambda order, **numbers: set_alerts(order=order, by=request.user, **numbers),
            done=_("The alerts of order %(name)s are set."),
            form_class=partial(OrderAlertsForm, initial=initial),
        )
