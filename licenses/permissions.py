"""Permissions on orders: who holds one, who assigned it, who may guard it."""

from django.utils.translation import gettext as _

from jasper_inventory.accounts.models import User
from jasper_inventory.accounts.permissions import require_administrator
from jasper_inventory.lib.exceptions import NotAllowed
from licenses.models import Order


def require_holder(order: Order, by: User) -> None:
    """Raise NotAllowed unless `by` is CCI staff or administers the order's holder."""
    require_administrator(
        order.assigned_to, by, _("Only the holder of a license may change who is on it.")
    )


def is_holder(request, order):
    """Whether the active role's organization holds the order."""
    return order.assigned_to_id == request.membership.organization_id


def is_assigner(role, order):
    """Whether a role's organization assigned the order."""
    return Order.objects.given_by(role).filter(pk=order.pk).exists()


def may_guard(request, order):
    """Whether the active role's organization holds the order or assigned it."""
    mine = request.membership.organization_id
    return mine in (order.assigned_to_id, order.assigned_by_organization_id)


def require_guard(order: Order, by: User) -> None:
    """Raise NotAllowed unless `by` is CCI staff or of the holder or of who assigned the order."""
    if not (by.is_cci_staff or by.administers(order.assigned_to) or by.administers(order.assigner)):
        raise NotAllowed(_("Only the holder of a license and who assigned it may do this."))
