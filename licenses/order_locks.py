"""Row locks on approved orders, for services that change them."""

from django.utils.translation import gettext as _

from jasper_inventory.accounts.tree_locks import hold_tree
from jasper_inventory.lib.exceptions import DomainError
from licenses.models import Order


def approved(order: Order) -> Order:
    """Return the order; raise DomainError unless it is approved."""
    if not order.is_approved:
        raise DomainError(_("Only an approved order can be changed."))
    return order


def locked_approved(order: Order) -> Order:
    """Lock and reload the order; raise DomainError unless it is approved.

    Holds the tree first: the activity that its changes write names an organization.
    """
    hold_tree()
    return approved(Order.objects.select_for_update(of=("self",)).get(pk=order.pk))
