"""HTML that is written in Python, for lists whose rows templates would draw too slowly."""

from collections.abc import Iterable
from html import escape

from django.utils.safestring import SafeString


def fill(pattern: str, *values: object) -> SafeString:
    """Return HTML with these values, which are escaped unless they are HTML.

    As Django's `format_html`, in a third of its time.
    """
    return SafeString(
        pattern.format(
            *[value if isinstance(value, SafeString) else escape(str(value)) for value in values]
        )
    )


def joined(parts: Iterable[SafeString], between: str = "") -> SafeString:
    """Return parts of HTML as one."""
    return SafeString(between.join(parts))
