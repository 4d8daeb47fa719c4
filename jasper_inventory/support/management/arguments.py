"""Requests of both kinds, as commands name them: by the order's number."""

from django.core.management.base import CommandParser

from jasper_inventory.lib.commands import positive
from jasper_inventory.lib.exceptions import DomainError
from licenses.management.arguments import find_order
from licenses.models import Order
from licenses.services.requests import require_pending
from renewals.models import RenewalRequest


def add_request(parser: CommandParser) -> None:
    """The arguments that name a request."""
    parser.add_argument(
        "number",
        type=positive,
        metavar="ORDER",
        help="order number: of the requested order, or of the order to be renewed",
    )
    parser.add_argument(
        "--renewal",
        action="store_true",
        help="only a renewal request is meant (as if left out: whichever waits)",
    )


def find_request(number: int, *, renewal: bool = False) -> Order | RenewalRequest:
    """The request that waits at an order; raise DomainError, saying what became of it, if none."""
    order = find_order(number)
    if order.is_pending and not renewal:
        return order
    renewals = RenewalRequest.objects.filter(order=order).select_related(
        "order__assigned_to", "requested_to", "reviewed_by"
    )
    waiting = renewals.pending().first()
    if waiting:
        return waiting
    latest = renewals.first()
    if latest:
        require_pending(latest)
    if order.requested_at and not renewal:
        require_pending(order)
    raise DomainError(f"No {'renewal ' if renewal else ''}request waits at order {order}.")
