"""Signs that people type: one alphabet, two formats (5-4-4, keys 4-4), one way to read them."""

import os
import re
import unicodedata
from itertools import chain

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
# Between the parts of a code: hyphens and dashes as keyboards and word processors write them.
_DASHES = "\u2010\u2013\u2014\u2212-"
_GAP = f"[ {_DASHES}]*"
# In a longer text, such as a line of a spreadsheet: 5-4-4 signs (4-4), with or without hyphens.
_IN_TEXT = {
    LENGTH: re.compile(
        rf"(?<![0-9A-Z])(?=([0-9A-Z]{{5}}{_GAP}[0-9A-Z]{{4}}{_GAP}[0-9A-Z]{{4}})(?![0-9A-Z]))"
    ),
    # Not the end of a code, nor the beginning of one.
    KEY_LENGTH: re.compile(
        rf"(?<![0-9A-Z])(?<![0-9A-Z][{_DASHES}])"
        rf"(?=([0-9A-Z]{{4}}{_GAP}[0-9A-Z]{{4}})(?![{_DASHES}]?[0-9A-Z]))"
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
    text = unicodedata.normalize("NFKC", typed).upper()
    found = (normalize(code) for code in _IN_TEXT[length].findall(text))
    return list(dict.fromkeys(found)) or [whole]


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
