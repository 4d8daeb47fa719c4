"""Acts that tests of requests for a new license share."""

from jasper_inventory.accounts.models import Notice
from licenses.models import Outcome
from licenses.services.requests import approve_order, reject_order, withdraw_order
from tests import factories


def approve(order, by, **values):
    values.setdefault("terms", factories.terms(order.inventory_type))
    return approve_order(order=order, by=by, **values)


def told(order, what):
    """The addresses that were told of the request."""
    notices = Notice.objects.filter(event=f"license request {order.pk} {what}")
    return set(notices.values_list("address", flat=True))


# How a request is decided, or taken back, the first time.
FIRST = {
    Outcome.APPROVED: lambda order, by: approve(order, by),
    Outcome.REJECTED: lambda order, by: reject_order(order=order, by=by, comments="No"),
    Outcome.WITHDRAWN: lambda order, by: withdraw_order(order=order, by=order.requested_by),
}
