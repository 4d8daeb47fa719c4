"""The rows of the Transfers page as texts: see `inventory_rows` for why."""

from collections.abc import Iterable, Iterator
from typing import TypedDict

from django import template
from django.utils import timezone
from django.utils.formats import date_format

from jasper_inventory.lib.routes import numbered
from licenses.models import Order, Transfer, TransferKind
from licenses.templatetags.links import way_back

register = template.Library()


class End(TypedDict):
    """An order at one end of a transfer; without its number if it may not be shown."""

    holder: str
    number: str
    address: str


class Row(TypedDict):
    """The texts of a row."""

    date: str
    kind: str
    number: str
    ends: dict[str, End]
    by: str
    purchase_order: str
    reason: str


@register.filter
def as_transfer_rows(transfers: Iterable[Transfer], page: str) -> Iterator[Row]:
    """Yield the rows of transfers from `visible_to` with their people.

    Links to orders lead back to the page.
    """
    back = way_back(page)
    kinds = {value: str(label) for value, label in TransferKind.choices}
    for transfer in transfers:
        yield {
            "date": date_format(timezone.localtime(transfer.made_at), "Y-m-d H:i"),
            "kind": kinds[transfer.kind],
            "number": transfer.number_described,
            "ends": {
                "from": _end(transfer.from_order, back, shown=transfer.from_shown),
                "to": _end(transfer.to_order, back, shown=transfer.to_shown),
            },
            "by": str(transfer.made_by),
            "purchase_order": transfer.purchase_order_shown,
            "reason": transfer.reason if transfer.shows_terms else "",
        }


def _end(order: Order, back: str, *, shown: bool) -> End:
    return {
        "holder": str(order.assigned_to),
        "number": str(order.number) if shown else "",
        "address": numbered("licenses:order_edit", order.number) + back if shown else "",
    }
