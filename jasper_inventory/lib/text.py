"""How text that people type is stored: one spelling of what looks the same.

In Unicode's normal form C, one space between words, without characters that show nothing. How it
is found and sorted is the database's to say: see `lib.text_fields.Folded`.
"""

import re
import unicodedata
from contextlib import suppress

import idna
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

# Persian and the scripts of India and Southeast Asia spell with them.
_JOINERS = "\u200c\u200d"
_JOINED = ((0x0600, 0x08FF), (0x0900, 0x0DFF), (0x1000, 0x109F), (0x1780, 0x18AF))
# Signs of Arabic and Syriac numbers and verses, which Unicode counts among format characters.
_SHOWN = frozenset("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2")
_LINE_BREAKS = frozenset("\n\r\t")
# Format characters and tags, those too that Unicode hasn't assigned yet: the database refuses them.
_INVISIBLE = (range(0x2060, 0x2070), range(0xE0000, 0xE0080))
# A domain that is left as mail servers spell it; the database refuses it as well.
UNREADABLE_DOMAIN = r"[@.]xn--"


def clean_line(text: str) -> str:
    """One line of text as it is stored; control characters stay, to be refused."""
    # In this order: what shows nothing may stand between a letter and its accent.
    return " ".join(unicodedata.normalize("NFC", without_invisible(text)).split())


def without_invisible(text: str) -> str:
    """A text without characters that show nothing, or turn the direction of what follows."""
    if text.isascii():
        return text
    return "".join(sign for at, sign in enumerate(text) if _is_kept(text, at))


def _is_kept(text: str, at: int) -> bool:
    sign = text[at]
    if sign in _JOINERS:
        before = ord(text[at - 1]) if at else 0
        return any(first <= before <= last for first, last in _JOINED)
    if any(ord(sign) in signs for signs in _INVISIBLE):
        return False
    return unicodedata.category(sign) != "Cf" or sign in _SHOWN


def refuse_control_characters(text: str) -> None:
    """Validator: what steers a terminal is no part of a text; line breaks and tabs are."""
    if any(unicodedata.category(sign) == "Cc" and sign not in _LINE_BREAKS for sign in text):
        raise ValidationError(
            _("This has a control character, which can't be shown. Type the text again."),
            code="control_character",
        )


def clean_username(text: str) -> str:
    """A username as it is stored: compatibility forms are one, such as full-width letters."""
    return unicodedata.normalize("NFKC", clean_line(text))


def clean_address(text: str) -> str:
    """An email address as it is stored: lower case, and its domain as people read it.

    `prof@xn--cole-9oa.example.org` and `prof@école.example.org` are one mailbox.
    """
    local, at, domain = clean_line(text).rpartition("@")
    if not domain.isascii() or "xn--" in domain.lower():
        # What is no domain stays, for validators to refuse.
        with suppress(UnicodeError):
            domain = idna.decode(idna.encode(domain, uts46=True))
    return f"{local}{at}{domain}".lower()


def refuse_unreadable_domain(address: str) -> None:
    """Validator: no mail reaches a domain with `xn--` that stands for no letters."""
    if re.search(UNREADABLE_DOMAIN, clean_address(address)):
        raise ValidationError(
            _("This email address can't be used: check its domain, the part after the @."),
            code="unreadable_domain",
        )


def deliverable(address: str) -> str:
    """The address as mail servers know it: its domain in ASCII."""
    local, at, domain = address.rpartition("@")
    try:
        return local + at + idna.encode(domain, uts46=True).decode()
    except UnicodeError:
        return address


def printable(text: str) -> str:
    """A text in which nothing can steer a terminal: control characters are shown escaped."""
    if text.isprintable():
        return text
    return "".join(
        sign if sign.isprintable() or sign in "\n\t" else _escaped(sign) for sign in text
    )


def _escaped(sign: str) -> str:
    # Blanks other than the space are no danger.
    if unicodedata.category(sign) == "Zs":
        return sign
    return sign.encode("unicode_escape").decode()


def addresses_in(text: str) -> list[str]:
    """The email addresses of a pasted list, each once; what is no address is in it as it is.

    Separated by commas, semicolons, spaces, or new lines; names before `<address>` are left out,
    as mail programs write them: `Laura Bennett <laura@x.org>; "Mehta, S" <s@x.org>`.
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
