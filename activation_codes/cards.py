"""Cards to print: each with a code, and with a QR code that opens the page with the code filled in.

The code is after the # of the address, which browsers don't send to any server.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from django.utils.safestring import SafeString

from activation_codes.models import ActivationCode
from jasper_inventory.lib.qr import qr_svg
from licenses.models import Order

# Cards on a page.
SIZES = (8, 24)


@dataclass(frozen=True)
class Card:
    """A code with the QR code of its address."""

    code: str
    qr: SafeString


def cards_of(codes: Sequence[ActivationCode], address: str, size: int) -> Iterator[list[Card]]:
    """Yield pages of cards. `address` is that of the page where a code is activated."""
    for start in range(0, len(codes), size):
        page = codes[start : start + size]
        yield [Card(str(code), qr_svg(f"{address}#{code}")) for code in page]


def products_in_words(order: Order) -> str:
    """Return an order's products as one line: "Office 2016: Access, Excel Core"."""
    products = order.products.select_related("family")
    families = groupby(products, lambda product: product.family)
    return "; ".join(
        f"{family}: {', '.join(product.name for product in mix)}" for family, mix in families
    )
