"""The links for what a role may do with an order or a request, in order of display.

`as_links` draws them as links that open windows, the page of usage as buttons.
"""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from jasper_inventory.accounts.models import Membership
from jasper_inventory.lib.routes import numbered
from licenses.models import Order, RequestFields
from licenses.permissions import (
    can_allocate,
    can_pause,
    can_reclaim,
    can_replace_code,
    can_resume,
    can_review,
    can_set_alerts,
    can_suspend,
    can_withdraw,
)


@dataclass(frozen=True)
class Action:
    """One link: its label, what it acts on (read out after the label), and its address.

    An action without an address is a note that says why nothing can be done.
    """

    name: str
    label: str
    address: str = ""
    about: str = ""
    is_primary: bool = False
    # What takes something away from its holder is drawn apart.
    is_danger: bool = False


def order_actions(order: Order, membership: Membership) -> list[Action]:
    """Return what the role may do with an order that it can see and that has its status."""
    actions = [edit_action(order)]
    if _allocates(order, membership):
        actions.append(_from_order("assign", _("Assign"), order))
    if not order.is_approved:
        return actions
    if order.parent_id and order.unused and can_reclaim(order, membership):
        actions.append(_from_order("reclaim", _("Reclaim"), order, is_danger=True))
    if order.suspended_at:
        if can_resume(order, membership):
            actions.append(_about_order("resume", _("Resume"), order))
    elif not order.has_ended and can_suspend(order, membership):
        actions.append(_about_order("suspend", _("Suspend"), order, is_danger=True))
    return actions


def edit_action(order: Order) -> Action:
    """Return the link to the Edit Order window, which anyone who can see the order may open."""
    return _about_order("edit", _("Edit"), order)


def _allocates(order: Order, membership: Membership) -> bool:
    return (
        membership.organization.is_supplier
        and order.is_allocatable
        and can_allocate(order, membership)
    )


def _about_order(name: str, label: str, order: Order, *, is_danger: bool = False) -> Action:
    about = _("order %(number)s") % {"number": order.number}
    address = numbered(f"licenses:order_{name}", order.number)
    return Action(name, label, address, about, is_danger=is_danger)


def _from_order(name: str, label: str, order: Order, *, is_danger: bool = False) -> Action:
    about = _("from order %(number)s") % {"number": order.number}
    address = numbered(f"licenses:order_{name}", order.number)
    return Action(name, label, address, about, is_danger=is_danger)


def request_actions(asked: RequestFields, membership: Membership) -> list[Action]:
    """Return what the role may do with a pending request of either kind."""
    actions = []
    if can_withdraw(asked, membership):
        address = asked.get_withdraw_url()
        actions.append(Action("withdraw", _("Withdraw"), address, asked.name_in_links))
    if can_review(asked, membership):
        actions.append(Action("review", _("Review"), asked.get_review_url(), asked.name_in_links))
    return actions


def usage_actions(order: Order, membership: Membership) -> list[Action]:
    """Return what the role may do about enrollment on an approved order."""

    def action(name: str, label: str, *, is_primary: bool = False) -> Action:
        address = numbered(f"licenses:order_{name}", order.number)
        return Action(name, label, address, is_primary=is_primary)

    actions = []
    if order.is_unlimited and can_set_alerts(order, membership):
        actions.append(action("alerts", _("Set Alerts")))
    if can_replace_code(order, membership):
        actions.append(action("replace_code", _("Replace Teacher Code")))
    if can_pause(order, membership):
        if order.joining_paused_at:
            actions.append(action("unpause", _("Resume Enrollment"), is_primary=True))
        else:
            actions.append(action("pause", _("Pause Enrollment"), is_primary=True))
    return actions
