"""The Panel's charts as numbers, so that the templates only draw them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from jasper_inventory.inventory.overview import MixSeats, Month
from licenses.product_mix import Catalogue

# The picture of months, as in `overview_months.html`, and the bounds of its bars.
WIDTH, BOTTOM, HIGHEST = 480, 132, 108
_GAP = 8
MOST_MIXES = 8


@dataclass(frozen=True)
class MonthBar:
    """A month as a bar: orders that end without a renewal, and above them the renewed ones."""

    begins: date
    orders: int
    renewed: int
    x: int
    width: int
    height: int
    renewed_height: int

    @property
    def top(self) -> int:
        return BOTTOM - self.height

    @property
    def open_top(self) -> int:
        """The top of the part without a renewal."""
        return self.top + self.renewed_height

    @property
    def open_height(self) -> int:
        return self.height - self.renewed_height

    @property
    def middle(self) -> float:
        return self.x + self.width / 2

    @property
    def label(self) -> str:
        """The month in short, with the year where it begins."""
        return date_format(self.begins, "M")

    @property
    def year(self) -> str:
        return date_format(self.begins, "Y") if self.begins.month == 1 else ""


def month_chart(months: Sequence[Month]) -> list[MonthBar]:
    """Return the bars of months, as high as their share of the month with the most orders."""
    most = max((month.orders for month in months), default=0)
    step = WIDTH // len(months) if months else 0
    bars = []
    for number, month in enumerate(months):
        height = _part(month.orders, most, HIGHEST)
        bars.append(
            MonthBar(
                begins=month.begins,
                orders=month.orders,
                renewed=month.renewed,
                x=number * step + _GAP // 2,
                width=step - _GAP,
                height=height,
                renewed_height=_part(month.renewed, most, HIGHEST),
            )
        )
    return bars


def _part(number: int, most: int, size: int) -> int:
    """Return the size of a number; what isn't zero can be seen."""
    return max(2, round(size * number / most)) if number else 0


@dataclass(frozen=True)
class SeatsBar:
    """The seats of a product mix; widths are percentages. The last one may be all others."""

    name: str
    # The key of the mix in addresses.
    mix: str
    used: int
    free: int
    used_width: str
    free_width: str


def seats_chart(mixes: Sequence[MixSeats]) -> list[SeatsBar]:
    """Return the bars of the product mixes with the most students, and of all others together."""
    catalogue = Catalogue()
    counted = [each for each in mixes if each.used or each.free]
    shown, others = counted[:MOST_MIXES], counted[MOST_MIXES:]
    rows = [(str(catalogue.mix(each.mix) or ""), each.mix, each.used, each.free) for each in shown]
    if others:
        used, free = sum(each.used for each in others), sum(each.free for each in others)
        rows.append((_("All others"), "", used, free))
    most = max((used + free for _name, _mix, used, free in rows), default=0)
    return [
        SeatsBar(name, mix, used, free, _percent(used, most), _percent(free, most))
        for name, mix, used, free in rows
    ]


def _percent(number: int, most: int) -> str:
    return f"{100 * number / most:.2f}%"
