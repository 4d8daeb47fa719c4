"""The actions of a role on rows of the License Inventory and of the list of requests."""

from django.utils.translation import gettext as _

from jasper_inventory.accounts.models import Membership
from jasper_inventory.inventory.queries import InventoryRow
from jasper_inventory.lib.routes import numbered
from licenses.actions import Action, edit_action, order_actions, request_actions
from licenses.models import Order, RequestFields


def inventory_actions(order: InventoryRow, membership: Membership) -> list[Action]:
    """Return the Options of a row of `inventory_rows` with its `pending_request`."""
    actions = order_actions(order, membership)
    asked = order.pending_request
    if asked is None:
        return [*actions, _renewal(order)]
    if not order.is_pending:
        actions.append(Action("why_not", _("Renewal requested")))
    for action in request_actions(asked, membership):
        actions.append(action)
        if action.name == "withdraw":
            waiting = _("Pending review by %(supplier)s") % {"supplier": asked.pending_with}
            actions.append(Action("why_not", waiting))
    return actions


def _renewal(order: Order) -> Action:
    """Return the link to request a renewal, or why there is none."""
    if order.was_renewed:
        return Action("why_not", _("Already renewed"))
    if not order.is_approved:
        return Action("why_not", _("Not approved: can't be renewed"))
    if order.is_suspended:
        return Action("why_not", _("Suspended: can't be renewed"))
    address = numbered("renewals:renewal_request", order.number)
    return Action("renew", _("Renew"), address, _("order %(number)s") % {"number": order.number})


def listed_actions(asked: RequestFields, membership: Membership, *, is_ours: bool) -> list[Action]:
    """Return the Options of a request, either an own one or one to review."""
    actions = request_actions(asked, membership)
    if is_ours:
        withdraw = [action for action in actions if action.name == "withdraw"]
        return [edit_action(asked.asked_order), *withdraw]
    return [action for action in actions if action.name == "review"]
