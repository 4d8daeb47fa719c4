"""QR codes as SVG pictures that are part of a page."""

import segno
from django.utils.safestring import SafeString, mark_safe

# Fixed, because comparing all eight takes most of the time, and each of them can be read.
_MASK = 0


def qr_svg(text: str) -> SafeString:
    """Return a QR code that up to 15 % may be missing of, black on white in any theme.

    It has no name: what it contains must be written beside it.
    """
    code = segno.make(text, micro=False, error="m", boost_error=False, mask=_MASK)
    picture = code.svg_inline(border=4, light="#fff", omitsize=True, svgclass="qr", lineclass=None)
    return mark_safe(picture.replace("<svg ", '<svg aria-hidden="true" ', 1))
