"""Arguments of commands that name a request by its order number."""

from django.core.management.base import CommandParser

from jasper_inventory.lib.commands import positive
from jasper_inventory.lib.exceptions import DomainError
from licenses.management.arguments import find_order
from licenses.models import Order
from licenses.services.requests import require_pending
from renewals.models import RenewalRequest


def add_request(parser: CommandParser) -> None:
    """Add the arguments that name a request."""
    parser.add_argument(
        "number",
        type=positive,
        metavar="ORDER",
        help="number of the requested order, or of the order to renew",
    )
    parser.add_argument(
        "--renewal",
        action="store_true",
        help="find only a renewal request (by default, whichever is pending)",
    )


def find_request(number: int, *, renewal: bool = False) -> Order | RenewalRequest:
    """Return an order's pending request; raise DomainError with its outcome if there is none."""
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
    raise DomainError(f"Order {order} has no pending {'renewal ' if renewal else ''}request.")
