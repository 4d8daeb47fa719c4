"""The indexes for lists of the orders of everyone, which CCI staff see in the admin.

Those of a supplier's branch are in `licenses.models.branches`.
"""

from django.db.models import Index, Q

from jasper_inventory.lib.indexes import where_given
from licenses.models.order_status import SUSPENDED
from licenses.models.requests import Outcome

# What few orders have: the others pay for no index of it.
OF_FEW = [
    where_given("requested_to", name="licenses_order_requested_to"),
    where_given("requested_by", name="licenses_order_requested_by"),
    where_given("requested_by_organization", name="licenses_order_requested_for"),
    where_given("suspended_by", name="licenses_order_suspended_by"),
    where_given("suspended_by_organization", name="licenses_order_suspended_for"),
    where_given("joining_paused_by", name="licenses_order_paused_by"),
]

OF_EVERYONE = [
    Index(fields=["start_date", "id"], name="licenses_order_by_start"),
    Index(fields=["finish_date", "id"], name="licenses_order_by_finish"),
    # Statuses that few orders have. None for depleted orders: an index of a column that changes
    # with each student would make every change write all indexes.
    Index(
        fields=["outcome", "number"],
        condition=~Q(outcome=Outcome.APPROVED),
        name="licenses_order_not_approved",
    ),
    Index(fields=["number"], condition=SUSPENDED, name="licenses_order_suspended"),
    Index(fields=["number"], condition=Q(is_active=False), name="licenses_order_inactive"),
    # Requests for new licenses; a renewed order is requested by its renewal request.
    Index(
        fields=["reviewed_at"],
        condition=Q(requested_at__isnull=False, renewal_of=None),
        name="licenses_order_requests",
    ),
]
