"""Renaming and moving organizations, with the requests that move along."""

from collections.abc import Callable
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from jasper_inventory.accounts.models import Organization, User
from jasper_inventory.accounts.permissions import require_cci_staff
from jasper_inventory.accounts.services.list_exports import drop_exports
from jasper_inventory.accounts.services.organizations import update_position
from jasper_inventory.accounts.tree_locks import lock_tree
from jasper_inventory.lib.audit import audited
from jasper_inventory.lib.exceptions import DomainError
from jasper_inventory.lib.time_limits import as_batch_work
from jasper_inventory.support import emails
from licenses.emails import notify_withdrawn_by_move
from licenses.models import Order
from licenses.services.requests import readdress, withdraw_former_proxies
from renewals.emails import notify_renewal_withdrawn_by_move
from renewals.models import RenewalRequest

# An error names at most this many orders.
MOST_NAMED = 10


class HoldsOrders(DomainError):
    """The organization can't leave its supplier yet, which allocated `orders` to it."""

    def __init__(
        self, organization: Organization, supplier: Organization, orders: list[Order]
    ) -> None:
        self.organization, self.supplier, self.orders = organization, supplier, orders
        super().__init__(self.describe(), field="parent")

    def describe(
        self, *, name: Callable[[Order], str] = str, text: Callable[[str], str] = str
    ) -> str:
        """Return the message; `name` formats an order, such as as a link, and `text` the rest."""
        refusal = ngettext(
            "%(organization)s can't leave %(supplier)s: its order %(orders)s was allocated from an "
            "order of %(supplier)s that hasn't ended.",
            "%(organization)s can't leave %(supplier)s: its orders %(orders)s were allocated from "
            "orders of %(supplier)s that haven't ended.",
            len(self.orders),
        )
        named = ", ".join(name(order) for order in self.orders[:MOST_NAMED])
        if len(self.orders) > MOST_NAMED:
            more = len(self.orders) - MOST_NAMED
            named = _("%(orders)s and %(more)d more") % {"orders": named, "more": more}
        names = {
            "organization": text(self.organization.name),
            "supplier": text(self.supplier.name),
        }
        return refusal % {**names, "orders": named}


@as_batch_work
def edit_organization(
    *, organization: Organization, name: str, level: int, parent: Organization | None, by: User
) -> Organization:
    """Rename an organization, change its level, or move it and its sub-organizations.

    An organization can't leave its supplier while it holds an order whose parent order hasn't
    ended, because reclaiming and suspending depend on the supplier. Pending requests are addressed
    to the new supplier, and both suppliers are notified. Proxy requests of an organization that is
    no longer above are withdrawn, and both sides are notified.
    """
    require_cci_staff(by)
    old = organization.supplier
    moves = not organization.is_vendor and parent is not None and parent != old
    with audited("organization.moved" if moves else "organization.edited", by=by) as act:
        # Before any order, in the same sequence as services that assign or request.
        lock_tree()
        organization = Organization.objects.get(pk=organization.pk)
        old = organization.supplier
        placed = update_position(organization=organization, name=name, level=level, parent=parent)
        new = placed.supplier
        act.on(placed)
        act.changes(_position(organization, old), _position(placed, new))
        if old is not None and new is not None and new != old:
            _require_free(organization, old)
            _drop_exports(placed, old)
            _move_requests(placed, old, new, by)
    return placed


def _drop_exports(organization: Organization, old: Organization) -> None:
    """Delete large exports of the moved branch and of the suppliers that it left."""
    steps = range(Organization.steplen, len(old.path) + 1, Organization.steplen)
    above = Q(organization__path__in=[old.path[:end] for end in steps])
    drop_exports(above | Q(organization__path__startswith=organization.path))


def _position(organization: Organization, supplier: Organization | None) -> dict[str, Any]:
    """Return what the activity log keeps of an organization's place in the tree."""
    parent = supplier.pk if supplier else None
    return {"name": organization.name, "level": organization.level, "parent": parent}


def _require_free(organization: Organization, supplier: Organization) -> None:
    """Raise HoldsOrders if the parent order of an order hasn't ended."""
    held = Order.objects.approved().held_by(organization).filter(parent__isnull=False)
    # Locked, so that no one extends a parent order meanwhile.
    parents = Order.objects.filter(pk__in=held.values("parent")).order_by("pk")
    today = timezone.localdate()
    living = [
        parent.pk
        for parent in parents.select_for_update(of=("self",))
        if parent.finish_date and parent.finish_date >= today
    ]
    in_the_way = list(held.filter(parent__in=living).order_by("number"))
    if in_the_way:
        raise HoldsOrders(organization, supplier, in_the_way)


def _move_requests(
    organization: Organization, old: Organization, new: Organization, by: User
) -> None:
    """Withdraw former suppliers' proxy requests, readdress the others, and notify everyone."""
    orders, renewals = Order.objects.all(), RenewalRequest.objects.all()
    ended_orders = withdraw_former_proxies(orders, moved=organization, old=old, by=by)
    ended_renewals = withdraw_former_proxies(renewals, moved=organization, old=old, by=by)
    for order in ended_orders:
        notify_withdrawn_by_move.enqueue(order.pk)
    for renewal in ended_renewals:
        notify_renewal_withdrawn_by_move.enqueue(renewal.pk)
    moved_orders = readdress(orders.held_by(organization), old=old, new=new)
    moved_renewals = readdress(renewals.filter(order__assigned_to=organization), old=old, new=new)
    left_orders = moved_orders + [each for each in ended_orders if each.requested_to_id == old.pk]
    left_renewals = moved_renewals + [
        each for each in ended_renewals if each.requested_to_id == old.pk
    ]
    forwarded = [request.forwarded_as_id for request in [*left_orders, *left_renewals]]
    _notify_moved(organization, old, left_orders, left_renewals, forwarded, is_new=False)
    _notify_moved(organization, new, moved_orders, moved_renewals, [], is_new=True)


def _notify_moved(
    organization: Organization,
    supplier: Organization,
    orders: list[Order],
    renewals: list[RenewalRequest],
    forwarded: list[int | None],
    *,
    is_new: bool,
) -> None:
    emails.notify_moved.enqueue(
        organization.pk,
        supplier.pk,
        is_new,
        orders=[order.pk for order in orders],
        renewals=[renewal.pk for renewal in renewals],
        forwarded=[pk for pk in forwarded if pk],
        at=str(timezone.now()),
    )
