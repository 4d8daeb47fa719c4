"""Checks that keep links out of free text sent to people who don't know its author."""

import re
import unicodedata

from django.utils.translation import gettext as _

from jasper_inventory.lib.exceptions import DomainError

# Text that email programs turn into links: URLs, email addresses, host names, IP addresses.
_LINK = re.compile(
    r"""
    \S*://\S*                               # https://example.org
    | \b(?:mailto|tel|sms|javascript|data):\S+
    | \S+@\S+                               # somebody@example.org
    | \bwww\.\S+
    | \b[\w-]+(?:\.[\w-]+)*\.[^\W\d_]{2,}\b(?:[/:?#]\S*)?   # example.org/page
    | \b\d{1,3}(?:\.\d{1,3}){3}\b           # 192.0.2.1
    """,
    re.VERBOSE | re.IGNORECASE,
)


def link_in(text: str) -> str:
    """Return the first part of a text that an email program may show as a link, or "".

    Invisible and full-width characters don't hide a link.
    """
    plain = unicodedata.normalize("NFKC", text)
    plain = "".join(char for char in plain if unicodedata.category(char) != "Cf")
    found = _LINK.search(plain)
    return found[0] if found else ""


def check_plain(text: str, *, field: str, most: int) -> str:
    """Return the trimmed text; raise DomainError if it is too long or contains a link."""
    text = text.strip()
    if len(text) > most:
        raise DomainError(
            _("Use at most %(most)d characters. You used %(length)d.")
            % {"most": most, "length": len(text)},
            field=field,
        )
    if link := link_in(text):
        raise DomainError(
            _(
                "“%(part)s” looks like a web or email address, which isn't allowed in a text that "
                "we email. Remove it, or put a space after the period."
            )
            % {"part": link[:60]},
            field=field,
        )
    return text


def check_name(name: str, *, field: str) -> None:
    """Raise DomainError if email programs would show a person's name as a link."""
    if link_in(name):
        raise DomainError(_("Enter a name without a web or email address."), field=field)
