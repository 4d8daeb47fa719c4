"""Signs that people type: one alphabet, two formats (5-4-4, keys 4-4), one way to read them."""

import os
import re
import unicodedata
from itertools import chain, islice, product

from django.utils.translation import gettext as _

# No vowels, so that no code spells a word; no look-alikes (0 O, 1 I L), so that none is misread
# over the phone.
ALPHABET = "23456789BCDFGHJKMNPQRSTVWXYZ"
LENGTH = 13
# Of a group key: never mistaken for a code.
KEY_LENGTH = 8

# Bytes below the greatest multiple of the alphabet's size map evenly onto it; the rest are dropped.
_LIMIT = 256 - 256 % len(ALPHABET)
_SIGNS = bytes(ord(ALPHABET[byte % len(ALPHABET)]) for byte in range(256))
_DROPPED = bytes(range(_LIMIT, 256))
# Dashes that Unicode counts among other signs; U+00AD and the like are format characters.
_OTHER_DASHES = frozenset("\u02d7\u2043\u2053\u2212\u2796_")
_GAP = "[ -]*"
# What old teacher codes, which have any letter or digit, are misread as.
_ALIKE = {sign: alike for alike in ("O0", "I1L") for sign in alike}
_MOST_VARIANTS = 64
# In a longer text, such as a line of a spreadsheet: 5-4-4 signs (4-4), with or without hyphens.
_IN_TEXT = {
    LENGTH: re.compile(
        rf"(?<![0-9A-Z])(?=([0-9A-Z]{{5}}{_GAP}[0-9A-Z]{{4}}{_GAP}[0-9A-Z]{{4}})(?![0-9A-Z]))"
    ),
    # Not the end of a code, nor the beginning of one.
    KEY_LENGTH: re.compile(
        r"(?<![0-9A-Z])(?<![0-9A-Z]-)"
        rf"(?=([0-9A-Z]{{4}}{_GAP}[0-9A-Z]{{4}})(?!-?[0-9A-Z]))"
    ),
}


def random_signs(count: int) -> str:
    """At least `count` signs of the alphabet, each equally likely, from the system's source."""
    signs = ""
    while len(signs) < count:
        drawn = os.urandom(count + count // 32 + 16)
        signs += drawn.translate(_SIGNS, delete=_DROPPED).decode()
    return signs


def normalize(typed: str) -> str:
    """A code as stored: upper case, without spaces, hyphens and whatever else isn't a sign."""
    plain = unicodedata.normalize("NFKC", typed).upper()
    return re.sub(r"[^0-9A-Z]", "", plain)


def formatted(code: str) -> str:
    """A stored code as people read it: 5-4-4, a group key 4-4."""
    if len(code) == LENGTH:
        return f"{code[:5]}-{code[5:9]}-{code[9:]}"
    return f"{code[:4]}-{code[4:]}" if len(code) == KEY_LENGTH else code


def codes_in(typed: str, length: int = LENGTH) -> list[str]:
    """What may be a code in a pasted text, each once; a text without any counts as one code."""
    whole = normalize(typed)
    if len(whole) == length:
        return [whole]
    # An invisible character stands between two groups, or anywhere within one.
    texts = (_with_plain_gaps(typed, invisible=instead) for instead in (" ", ""))
    found = (normalize(code) for text in texts for code in _IN_TEXT[length].findall(text))
    return list(dict.fromkeys(found)) or [whole]


def _with_plain_gaps(typed: str, *, invisible: str) -> str:
    """A text in upper case, with hyphens for dashes of any kind and spaces for blanks of any."""
    text = unicodedata.normalize("NFKC", typed).upper()
    return "".join(_plain(sign, invisible) for sign in text)


def _plain(sign: str, invisible: str) -> str:
    if sign.isascii() and sign not in "\t_":
        return sign
    kind = unicodedata.category(sign)
    if kind == "Cf":
        return invisible
    if kind == "Pd" or sign in _OTHER_DASHES:
        return "-"
    return " " if kind == "Zs" or sign == "\t" else sign


def code_in(typed: str, length: int = LENGTH) -> str:
    """The likeliest code in a pasted text, where words of as many letters may look like one."""
    found = codes_in(typed, length)
    random_ones = (code for code in found if set(code) <= set(ALPHABET))
    with_digits = (code for code in found if not code.isalpha())
    return next(chain(random_ones, with_digits, found))


def typed_codes(typed: str) -> list[str]:
    """The codes, else the group keys, of a pasted text; a text without any counts as one code."""
    codes = [code for code in codes_in(typed) if len(code) == LENGTH]
    keys = [key for key in codes_in(typed, KEY_LENGTH) if is_key(key)]
    return codes or keys or [normalize(typed)]


def is_key(text: str) -> bool:
    """Whether a normalized text can be a group key."""
    return len(text) == KEY_LENGTH and set(text) <= set(ALPHABET)


def why_impossible(code: str) -> str:
    """Explain characters that no activation code and no group key has; empty if there are none."""
    odd = [sign for sign in dict.fromkeys(code) if sign not in ALPHABET]
    if not odd:
        return ""
    return _(
        "A typing error: activation codes and group keys have no vowels and no L, 0 or 1. "
        "You typed %(characters)s."
    ) % {"characters": ", ".join(odd)}


def look_alikes(code: str) -> list[str]:
    """A normalized code and those it may be misread from (O for 0; I, L for 1), itself first.

    A random code has none of these characters, so the variants never find one by chance.
    """
    choices = [sign + _ALIKE.get(sign, "").replace(sign, "") for sign in code]
    return ["".join(signs) for signs in islice(product(*choices), _MOST_VARIANTS)]


def look_alike_pattern(part: str) -> str:
    """A regular expression of a part of a code, and of what that may be misread from."""
    return "".join(f"[{_ALIKE[sign]}]" if sign in _ALIKE else sign for sign in part)
