"""Characters that people type: one alphabet, few formats, one check character, one way to read.

The lengths of new codes and keys follow from docs/decisions/0004-throttling.md: a test computes
from them how likely a stranger is to guess one.
"""

import os
import re
import unicodedata
from itertools import chain, islice, product

from django.utils.translation import gettext as _

# No vowels, so that no code spells a word; no look-alikes (0 O, 1 I L), so that none is misread
# over the phone.
ALPHABET = "23456789BCDFGHJKMNPQRSTVWXYZ"
# Teacher codes, and activation codes created before there were longer ones.
LENGTH = 13
# Group keys from before, which have no check character. Never mistaken for a code.
KEY_LENGTH = 8
NEW_LENGTH = 20
NEW_KEY_LENGTH = 17
CODE_LENGTHS = (NEW_LENGTH, LENGTH)
KEY_LENGTHS = (NEW_KEY_LENGTH, KEY_LENGTH)
# How each is shown.
_GROUPS = {
    NEW_LENGTH: (5, 5, 5, 5),
    NEW_KEY_LENGTH: (4, 4, 4, 5),
    LENGTH: (5, 4, 4),
    KEY_LENGTH: (4, 4),
}

# Bytes below the greatest multiple of the alphabet's size map evenly onto it; the rest are dropped.
_LIMIT = 256 - 256 % len(ALPHABET)
_SIGNS = bytes(ord(ALPHABET[byte % len(ALPHABET)]) for byte in range(256))
_DROPPED = bytes(range(_LIMIT, 256))
# Dashes that Unicode counts among other signs; U+00AD and the like are format characters.
_OTHER_DASHES = frozenset("\u02d7\u2043\u2053\u2212\u2796_")
# Between the parts of a code, once dashes of any kind are hyphens and blanks of any are spaces.
_GAP = "[ -]*"
# What old teacher codes, which have any letter or digit, are misread as.
_ALIKE = {sign: alike for alike in ("O0", "I1L") for sign in alike}
_MOST_VARIANTS = 64


def _whole(groups: tuple[int, ...]) -> re.Pattern[str]:
    """These groups in a longer text; neither the end of a longer code nor the beginning of one."""
    inner = _GAP.join(rf"[0-9A-Z]{{{size}}}" for size in groups)
    return re.compile(rf"(?<![0-9A-Z])(?<![0-9A-Z]-)(?=({inner})(?!-?[0-9A-Z]))")


# In a longer text, such as a line of a spreadsheet: with or without hyphens.
_IN_TEXT = {
    NEW_LENGTH: _whole(_GROUPS[NEW_LENGTH]),
    NEW_KEY_LENGTH: _whole(_GROUPS[NEW_KEY_LENGTH]),
    LENGTH: re.compile(
        rf"(?<![0-9A-Z])(?=([0-9A-Z]{{5}}{_GAP}[0-9A-Z]{{4}}{_GAP}[0-9A-Z]{{4}})(?![0-9A-Z]))"
    ),
    KEY_LENGTH: _whole(_GROUPS[KEY_LENGTH]),
}
# The formats that are looked for when codes, or keys, are asked for.
_LENGTHS = {LENGTH: CODE_LENGTHS, KEY_LENGTH: KEY_LENGTHS}

_SIZE = len(ALPHABET)
_VALUE = {sign: value for value, sign in enumerate(ALPHABET)}
_DOUBLED = {sign: sum(divmod(2 * value, _SIZE)) for sign, value in _VALUE.items()}


def check_sign(body: str) -> str:
    """The Luhn mod 28 check character of the characters before it."""
    total = sum(_DOUBLED[sign] for sign in body[-1::-2]) + sum(
        _VALUE[sign] for sign in body[-2::-2]
    )
    return ALPHABET[-total % _SIZE]


def has_check_sign(text: str) -> bool:
    """Whether a normalized text is of the alphabet and ends in its check character."""
    return set(text) <= set(ALPHABET) and text[-1:] == check_sign(text[:-1])


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
    """A stored code or group key as people read it, in groups with hyphens."""
    parts, at = [], 0
    for size in _GROUPS.get(len(code), (len(code),)):
        parts.append(code[at : at + size])
        at += size
    return "-".join(parts)


def codes_in(typed: str, length: int = LENGTH) -> list[str]:
    """What may be a code in a pasted text, each once; a text without any counts as one code.

    With `KEY_LENGTH` what may be a group key. Of both, the new format is looked for first.
    """
    whole = normalize(typed)
    # Two old keys and a word may be as long as a new code, but aren't of its alphabet.
    is_new = len(whole) in _LENGTHS[length] and set(whole) <= set(ALPHABET)
    if len(whole) == length or is_new:
        return [whole]
    # An invisible character stands between two groups, or anywhere within one.
    texts = (_with_plain_gaps(typed, invisible=instead) for instead in (" ", ""))
    found = chain.from_iterable(_found_in(text, length) for text in texts)
    return list(dict.fromkeys(found)) or [whole]


def _found_in(text: str, length: int) -> list[str]:
    """The codes, or keys, of a text with plain gaps; what is part of a new one is no old one."""
    found: list[str] = []
    for one in _LENGTHS[length]:
        for code in _IN_TEXT[one].findall(text):
            found.append(normalize(code))
            text = text.replace(code, " " * len(code)) if one != length else text
    return found


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
    codes = [
        code
        for code in codes_in(typed)
        if len(code) == LENGTH or (len(code) == NEW_LENGTH and set(code) <= set(ALPHABET))
    ]
    keys = [key for key in codes_in(typed, KEY_LENGTH) if is_key(key)]
    return codes or keys or [normalize(typed)]


def is_key(text: str) -> bool:
    """Whether a normalized text can be a group key: length, alphabet, check character if new."""
    if len(text) == NEW_KEY_LENGTH:
        return has_check_sign(text)
    return len(text) == KEY_LENGTH and set(text) <= set(ALPHABET)


def new_key() -> str:
    """A random group key as stored, without hyphens."""
    body = random_signs(NEW_KEY_LENGTH - 1)[: NEW_KEY_LENGTH - 1]
    return body + check_sign(body)


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
