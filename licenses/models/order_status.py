"""The status of an order: the rule that it follows from, and the groups that pages ask for."""

from collections.abc import Collection
from datetime import date

from django.db import models
from django.db.models import Case, Q, Value, When
from django.utils.translation import gettext_lazy as _

from licenses.models.requests import Outcome


class OrderStatus(models.TextChoices):
    """Derived from the order's facts and today's date, in this order of precedence."""

    REQUESTED = "requested", _("Requested")
    REJECTED = "rejected", _("Rejected")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    EXPIRED = "expired", _("Expired")
    SUSPENDED = "suspended", _("Suspended")
    INACTIVE = "inactive", _("Inactive")
    SCHEDULED = "scheduled", _("Scheduled")
    DEPLETED = "depleted", _("Depleted")
    AVAILABLE = "available", _("Available")


# The groups of statuses that pages and reports ask for. `tests/licenses/test_orders_status.py`
# checks that each status is in one, unless the order was never granted.
# Usable today with seats left: what pages count, filter and allocate from as available.
USABLE = (OrderStatus.AVAILABLE,)
IN_FORCE = (*USABLE, OrderStatus.DEPLETED)
# Approved, and no one can join before the start date.
STARTS_LATER = (OrderStatus.SCHEDULED,)
# Approved and not ended, but not usable today.
NOT_IN_USE = (OrderStatus.SUSPENDED, OrderStatus.INACTIVE, *STARTS_LATER)
ENDED = (OrderStatus.EXPIRED,)

SUSPENDED = Q(suspended_at__isnull=False) | Q(suspended_ancestors__gt=0)
# No seat left; an unlimited order is never depleted. Django believes that computed columns are
# never empty, so its negation needs the first condition.
DEPLETED = Q(seats_available__isnull=False, seats_available__lte=0)
SEAT_LEFT = Q(seats_available=None) | Q(seats_available__gt=0)


def _status_rules(today: date) -> dict[OrderStatus, Q]:
    """Return the only definition of an order's status: the first condition that holds decides."""
    return {
        OrderStatus.REQUESTED: Q(outcome=Outcome.PENDING),
        OrderStatus.REJECTED: Q(outcome=Outcome.REJECTED),
        OrderStatus.WITHDRAWN: Q(outcome=Outcome.WITHDRAWN),
        OrderStatus.EXPIRED: Q(finish_date__lt=today),
        OrderStatus.SUSPENDED: SUSPENDED,
        OrderStatus.INACTIVE: Q(is_active=False),
        OrderStatus.SCHEDULED: Q(start_date__gt=today),
        OrderStatus.DEPLETED: DEPLETED,
        OrderStatus.AVAILABLE: Q(),
    }


def is_in_force(today: date) -> Q:
    """Return the condition that an approved order has a status in `IN_FORCE`, for an index."""
    return ~SUSPENDED & Q(is_active=True, start_date__lte=today, finish_date__gte=today)


def status_expression(today: date) -> Case:
    """Return the status as SQL over the order's own columns."""
    *rules, (last, _rest) = _status_rules(today).items()
    return Case(
        *(When(condition, then=Value(status)) for status, condition in rules),
        default=Value(last),
        output_field=models.CharField(choices=OrderStatus.choices),
    )


def has_status(today: date, statuses: Collection[str]) -> Q:
    """Return the condition that an order has one of these statuses on that day."""
    # Approved orders have both dates. The negations would also find orders without them, and so
    # couldn't be read from an index.
    otherwise = {
        OrderStatus.EXPIRED: Q(finish_date__gte=today),
        OrderStatus.SCHEDULED: Q(start_date__lte=today),
        OrderStatus.DEPLETED: SEAT_LEFT,
    }
    found, earlier = Q(), Q()
    for status, condition in _status_rules(today).items():
        if status in statuses:
            found |= earlier & condition
        earlier &= otherwise.get(status, ~condition)
    return found


class StatusFields(models.Model):
    """What pages ask of the status that `with_status` annotated."""

    status: str

    class Meta:
        abstract = True

    def get_status_display(self) -> str:
        """Return the label of the status."""
        return str(OrderStatus(self.status).label)

    @property
    def has_ended(self) -> bool:
        return self.status in ENDED

    @property
    def starts_later(self) -> bool:
        return self.status in STARTS_LATER

    @property
    def is_usable(self) -> bool:
        return self.status in USABLE
