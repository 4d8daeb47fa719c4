"""What needs attention: the rules that the Panel counts by, and the License Inventory lists by."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import reduce
from operator import or_

from django.db.models import F, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from licenses.models import InventoryType, Order, Outcome
from licenses.models.order_status import is_in_force
from licenses.models.seats import NEARLY_FULL_SEATS

_APPROVED = Q(outcome=Outcome.APPROVED)
# Not for orders that codes are allocated from: their holder doesn't create codes.
_CODES_LEFT = Q(
    inventory_type=InventoryType.USER_ACTIVATION_CODES,
    codes_allocated=0,
    number_of_codes__gt=F("codes_created"),
)


@dataclass(frozen=True)
class Need:
    """A reason to look at an order: its name in addresses is the key in `NEEDS`."""

    label: Promise
    rule: Callable[[date], Q]
    # Whether a renewal settles it.
    until_renewed: bool = False

    def condition(self, today: date) -> Q:
        """Return the condition that an order needs attention for this reason on a day."""
        rule = self.rule(today)
        return rule & Q(~Order.objects.renewal_exists()) if self.until_renewed else rule


def _ending(days: int) -> Callable[[date], Q]:
    def rule(today: date) -> Q:
        return _APPROVED & Q(finish_date__gte=today, finish_date__lte=today + timedelta(days=days))

    return rule


def _nearly_full(today: date) -> Q:
    return _APPROVED & is_in_force(today) & NEARLY_FULL_SEATS


def _codes_left(today: date) -> Q:
    return _APPROVED & is_in_force(today) & _CODES_LEFT


def _any(today: date) -> Q:
    first, *others = (REASONS[name].condition(today) for name in ANY)
    return reduce(or_, others, first)


REASONS = {
    "ending-30": Need(_("Ending within 30 days, not renewed"), _ending(30), until_renewed=True),
    "ending-60": Need(_("Ending within 60 days, not renewed"), _ending(60), until_renewed=True),
    "ending-90": Need(_("Ending within 90 days, not renewed"), _ending(90), until_renewed=True),
    "full": Need(_("Full or nearly full"), _nearly_full),
    "codes": Need(_("Codes not created"), _codes_left),
}
# The reasons that include all others.
ANY = ("ending-90", "full", "codes")
NEEDS = {**REASONS, "any": Need(_("Any reason"), _any)}
NEED_CHOICES = [(name, need.label) for name, need in NEEDS.items()]
