"""Free text that reaches people who don't know the writer: it must lead nowhere."""

import re
import unicodedata

from django.utils.translation import gettext as _

from jasper_inventory.lib.exceptions import DomainError

# What mail programs turn into a link: an address with its scheme, a mailbox, a host, four numbers.
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
    """The first part of a text that a mail program may show as a link; empty where there is none.

    Invisible characters don't hide one, nor full-width ones.
    """
    plain = unicodedata.normalize("NFKC", text)
    plain = "".join(sign for sign in plain if unicodedata.category(sign) != "Cf")
    found = _LINK.search(plain)
    return found[0] if found else ""


def check_plain(text: str, *, field: str, most: int) -> str:
    """The text, trimmed; raise DomainError where it is too long or has a link in it."""
    text = text.strip()
    if len(text) > most:
        raise DomainError(
            _("At most %(most)d characters; there are %(length)d.")
            % {"most": most, "length": len(text)},
            field=field,
        )
    if link := link_in(text):
        raise DomainError(
            _(
                "“%(part)s” looks like a web or email address. This text goes out by email, so it "
                "can't have any. Remove it, or put a space after the period."
            )
            % {"part": link[:60]},
            field=field,
        )
    return text


def check_name(name: str, *, field: str) -> None:
    """Raise DomainError where a person's name would be shown as a link in emails."""
    if link_in(name):
        raise DomainError(_("A name can't have a web or email address in it."), field=field)
