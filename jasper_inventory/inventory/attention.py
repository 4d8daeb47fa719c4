"""What needs attention: the rules that the Panel counts by, and the License Inventory lists by."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import F, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from licenses.models import InventoryType, Order, Outcome
from licenses.models.order_status import is_in_force
from licenses.models.seats import NEARLY_FULL_SEATS

ENDING = (30, 60, 90)
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
    condition: Callable[[date], Q]


def _ending(days: int) -> Callable[[date], Q]:
    def condition(today: date) -> Q:
        within = Q(finish_date__gte=today, finish_date__lte=today + timedelta(days=days))
        return _APPROVED & within & Q(~Order.objects.renewal_exists())

    return condition


def _nearly_full(today: date) -> Q:
    return _APPROVED & is_in_force(today) & NEARLY_FULL_SEATS


def _codes_left(today: date) -> Q:
    return _APPROVED & is_in_force(today) & _CODES_LEFT


def _any(today: date) -> Q:
    return _ending(max(ENDING))(today) | _nearly_full(today) | _codes_left(today)


NEEDS = {
    "ending-30": Need(_("Ending within 30 days, not renewed"), _ending(30)),
    "ending-60": Need(_("Ending within 60 days, not renewed"), _ending(60)),
    "ending-90": Need(_("Ending within 90 days, not renewed"), _ending(90)),
    "full": Need(_("Full or nearly full"), _nearly_full),
    "codes": Need(_("Codes not created"), _codes_left),
    "any": Need(_("Any reason"), _any),
}
NEED_CHOICES = [(name, need.label) for name, need in NEEDS.items()]
