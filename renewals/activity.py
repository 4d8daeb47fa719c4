"""The activity of an order's renewal requests for its history."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from jasper_inventory.accounts.models import Membership, name_columns
from jasper_inventory.lib.columns import with_columns
from licenses.activity import MOST, Act, Sides
from licenses.models import Order, Outcome
from renewals.models import RenewalRequest

_COLUMNS = (
    *("outcome", "requested_at", "reviewed_at", "approval_comments", "new_order__number"),
    *("requested_by_organization__name", "requested_by_organization__path"),
    *("requested_to__name", "requested_to__path"),
    *name_columns("requested_by", "reviewed_by"),
)


def renewal_acts(order: Order, membership: Membership) -> Iterator[Act]:
    """Yield each request to renew the order, and its outcome."""
    if not order.is_approved:
        return
    visible = RenewalRequest.objects.visible_to(membership).filter(order=order)
    renewals = list(with_columns(visible, *_COLUMNS).order_by("-pk")[: MOST + 1])
    involved = [renewal.requested_by_organization for renewal in renewals]
    people = [renewal.reviewed_by_id for renewal in renewals]
    sides = Sides(people, order.assigned_to, *involved, *(r.requested_to for r in renewals))
    texts = {
        Outcome.APPROVED: _("Renewal approved: order %(new)s"),
        Outcome.REJECTED: _("Renewal rejected"),
        Outcome.WITHDRAWN: _("Renewal request withdrawn"),
    }
    for renewal in renewals:
        asking = renewal.requested_by_organization
        assert renewal.requested_at  # every renewal was requested
        yield Act(renewal.requested_at, _("Renewal requested"), renewal.requested_by, asking)
        if renewal.is_pending:
            continue
        assert renewal.reviewed_at and renewal.reviewed_by  # no longer pending
        withdrawn = renewal.outcome == Outcome.WITHDRAWN
        likely = (asking, order.assigned_to) if withdrawn else (renewal.requested_to,)
        yield Act(
            renewal.reviewed_at,
            texts[Outcome(renewal.outcome)] % {"new": renewal.new_order},
            renewal.reviewed_by,
            sides.organization(renewal.reviewed_by, *likely),
            renewal.approval_comments if renewal.outcome == Outcome.REJECTED else "",
        )
