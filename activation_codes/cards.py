"""Cards to print: each with a code, and with a QR code that opens the page with the code filled in.

The code is after the # of the address, which browsers don't send to any server.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString

from activation_codes.models import ActivationCode
from jasper_inventory.lib.qr import qr_svg

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
