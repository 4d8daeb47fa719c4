"""A supplier passes a request on to its own supplier, as a request of its own."""

from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from jasper_inventory.accounts.models import User
from jasper_inventory.accounts.services import hold_place
from jasper_inventory.lib.audit import recorded
from jasper_inventory.lib.exceptions import DomainError, NotAllowed
from licenses.models import Order
from licenses.services.decisions import require_decider, require_pending, sent_before
from licenses.services.requests import make_request


def pass_on_order(
    *,
    order: Order,
    by: User,
    purchase_order: str = "",
    comments: str = "",
    form_token: UUID | None = None,
) -> Order:
    """Pass a request for a new license on; return the supplier's own request."""
    with recorded("order.passed on", by=by):
        return make_passed_on(
            order,
            by=by,
            purchase_order=purchase_order,
            comments=comments,
            form_token=form_token,
        )


def make_passed_on(
    request: Any, *, by: User, purchase_order: str, comments: str, form_token: UUID | None
) -> Order:
    """Ask our own supplier for what a request (of either kind) asks of us, and link the two.

    In the caller's transaction; the first request stays pending. Nothing of who made it goes on
    but what is written here. Refused while, or after, it was passed on with success.
    """
    supplier = request.requested_to
    if not by.administers(supplier):
        raise NotAllowed(
            _("Only administrators of %(supplier)s may pass this request on.")
            % {"supplier": supplier}
        )
    hold_place(supplier)
    # Two who pass on, or decide, at the same moment wait here for each other.
    request = type(request).objects.select_for_update(of=("self",)).get(pk=request.pk)
    if first := sent_before(Order, form_token=form_token, by=by):
        return first
    require_pending(request)
    require_decider(request, by)
    if not request.may_be_passed_on:
        former = request.passed_on_as
        raise DomainError(
            _("%(person)s passed this request on already, to %(supplier)s: order %(order)s.")
            % {"person": former.requested_by, "supplier": former.requested_to, "order": former}
        )
    asked = request.asked_order
    request.passed_on_as = make_request(
        organization=supplier,
        inventory_type=asked.inventory_type,
        products=list(asked.products.all()),
        by=by,
        students=request.requested_students,
        users_per_code=asked.users_per_code,
        purchase_order=purchase_order,
        comments=comments,
        form_token=form_token,
    )
    request.save(update_fields=["passed_on_as"])
    return request.passed_on_as
