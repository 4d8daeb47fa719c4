"""Normalization of typed text, so that texts that look the same are stored the same.

Stored text is in Unicode's normal form C, with one space between words and without invisible
characters. The database defines how it is searched and sorted: see `lib.text_fields.Folded`.
"""

import re
import unicodedata
from contextlib import suppress

import idna
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

# Persian and the scripts of India and Southeast Asia need these characters.
_JOINERS = "\u200c\u200d"
_JOINED = ((0x0600, 0x08FF), (0x0900, 0x0DFF), (0x1000, 0x109F), (0x1780, 0x18AF))
# Visible marks of Arabic and Syriac numbers and verses that Unicode counts as format characters.
_SHOWN = frozenset("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2")
_LINE_BREAKS = frozenset("\n\r\t")
# Format characters and tags, including unassigned ones; the database refuses them, too.
_INVISIBLE = (range(0x2060, 0x2070), range(0xE0000, 0xE0080))
# A domain that can't be decoded to readable letters; the database refuses it, too.
UNREADABLE_DOMAIN = r"[@.]xn--"


def clean_line(text: str) -> str:
    """Return a line of text as stored; control characters stay, for a validator to refuse."""
    # In this order, because an invisible character may separate a letter from its accent.
    return " ".join(unicodedata.normalize("NFC", without_invisible(text)).split())


def without_invisible(text: str) -> str:
    """Return a text without characters that are invisible or change the writing direction."""
    if text.isascii():
        return text
    return "".join(char for at, char in enumerate(text) if _is_kept(text, at))


def _is_kept(text: str, at: int) -> bool:
    char = text[at]
    if char in _JOINERS:
        before = ord(text[at - 1]) if at else 0
        return any(first <= before <= last for first, last in _JOINED)
    if any(ord(char) in invisible for invisible in _INVISIBLE):
        return False
    return unicodedata.category(char) != "Cf" or char in _SHOWN


def refuse_control_characters(text: str) -> None:
    """Validator: refuse control characters other than line breaks and tabs."""
    if any(unicodedata.category(char) == "Cc" and char not in _LINE_BREAKS for char in text):
        raise ValidationError(
            _("This text contains a control character, which can't be shown. Type it again."),
            code="control_character",
        )


def clean_username(text: str) -> str:
    """Return a username as stored, with full-width and similar letters replaced by usual ones."""
    return unicodedata.normalize("NFKC", clean_line(text))


def clean_address(text: str) -> str:
    """Return an email address as stored: in lower case, with a readable domain.

    `prof@xn--cole-9oa.example.org` and `prof@école.example.org` are the same mailbox.
    """
    local, at, domain = clean_line(text).rpartition("@")
    if not domain.isascii() or "xn--" in domain.lower():
        # An invalid domain stays, for validators to refuse.
        with suppress(UnicodeError):
            domain = idna.decode(idna.encode(domain, uts46=True))
    return f"{local}{at}{domain}".lower()


def refuse_unreadable_domain(address: str) -> None:
    """Validator: refuse an email address whose `xn--` domain can't be decoded."""
    if re.search(UNREADABLE_DOMAIN, clean_address(address)):
        raise ValidationError(
            _("This email address isn't valid. Check its domain, the part after the @."),
            code="unreadable_domain",
        )


def deliverable(address: str) -> str:
    """Return the address with its domain in ASCII, as email servers need it."""
    local, at, domain = address.rpartition("@")
    try:
        return local + at + idna.encode(domain, uts46=True).decode()
    except UnicodeError:
        return address


def printable(text: str) -> str:
    """Return the text with control characters escaped, so that it can't control a terminal."""
    # Most texts are, and this is much faster than looking at each character.
    if text.replace("\n", "").replace("\t", "").isprintable():
        return text
    return "".join(
        char if char.isprintable() or char in "\n\t" else _escaped(char) for char in text
    )


def _escaped(char: str) -> str:
    # Blanks other than the space are harmless.
    if unicodedata.category(char) == "Zs":
        return char
    return char.encode("unicode_escape").decode()


def addresses_in(text: str) -> list[str]:
    """Return the email addresses of a pasted list, each once, with invalid ones unchanged.

    Addresses are separated by commas, semicolons, spaces or line breaks. Names before `<address>`,
    as email programs write them, are dropped: `Laura Bennett <laura@x.org>; "Mehta, S" <s@x.org>`.
    """
    found: list[str] = []
    for part in re.findall(r'(?:"[^"\n]*"|[^;\r\n])+', text):
        bare = re.sub(r'"[^"]*"', " ", part)
        if re.search(r"<[^<>]*>", bare):
            pairs = re.findall(r"<([^<>]*)>|([^\s,<>]*@[^\s,<>]*)", bare)
            found += [within or alone for within, alone in pairs]
        else:
            found += re.split(r"[\s,]+", bare) if bare.strip() else [part.strip()]
    return list(dict.fromkeys(clean_address(address) for address in found if address.strip()))
