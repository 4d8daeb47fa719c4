"""Formats of the codes that people type: alphabet, lengths, check character and parsing.

The lengths of new codes and keys follow from docs/decisions/0004-throttling.md; a test computes
from them how likely a stranger is to guess one.
"""

import os
import re
import unicodedata
from collections.abc import Callable
from itertools import accumulate, chain, islice, product
from operator import itemgetter

from django.utils.translation import gettext as _

# No vowels, so that no code spells a word. No look-alikes (0 O, 1 I L), so that none is misread.
ALPHABET = "23456789BCDFGHJKMNPQRSTVWXYZ"
# Teacher codes and old activation codes.
LENGTH = 13
# Old group keys, which have no check character. Their length distinguishes them from codes.
KEY_LENGTH = 8
NEW_LENGTH = 20
NEW_KEY_LENGTH = 17
CODE_LENGTHS = (NEW_LENGTH, LENGTH)
KEY_LENGTHS = (NEW_KEY_LENGTH, KEY_LENGTH)
# Sizes of the groups in which each format is shown.
_GROUPS = {
    NEW_LENGTH: (5, 5, 5, 5),
    NEW_KEY_LENGTH: (4, 4, 4, 5),
    LENGTH: (5, 4, 4),
    KEY_LENGTH: (4, 4),
}
# Functions that split each format into its groups. Workbooks have a million codes.
_SPLIT = {
    length: itemgetter(
        *(slice(end - size, end) for size, end in zip(sizes, accumulate(sizes), strict=True))
    )
    for length, sizes in _GROUPS.items()
}

# Bytes below the greatest multiple of the alphabet's size map evenly onto it; the rest are dropped.
_LIMIT = 256 - 256 % len(ALPHABET)
_CHARACTERS = bytes(ord(ALPHABET[byte % len(ALPHABET)]) for byte in range(256))
_DROPPED = bytes(range(_LIMIT, 256))
# Dashes outside Unicode's dash category; U+00AD and the like are format characters.
_OTHER_DASHES = frozenset("\u02d7\u2043\u2053\u2212\u2796_")
# The gap between groups, after dashes became hyphens and blanks became spaces.
_GAP = "[ -]*"
# Look-alikes in old teacher codes, which may have any letter or digit.
_ALIKE = {char: alike for alike in ("O0", "I1L") for char in alike}
_MOST_VARIANTS = 64


def _whole(groups: tuple[int, ...]) -> re.Pattern[str]:
    """Return a pattern of these groups in a text, except as part of a longer code."""
    inner = _GAP.join(rf"[0-9A-Z]{{{size}}}" for size in groups)
    return re.compile(rf"(?<![0-9A-Z])(?<![0-9A-Z]-)(?=({inner})(?!-?[0-9A-Z]))")


# Patterns for codes within a text, such as a spreadsheet line, with or without hyphens.
_IN_TEXT = {
    NEW_LENGTH: _whole(_GROUPS[NEW_LENGTH]),
    NEW_KEY_LENGTH: _whole(_GROUPS[NEW_KEY_LENGTH]),
    LENGTH: re.compile(
        rf"(?<![0-9A-Z])(?=([0-9A-Z]{{5}}{_GAP}[0-9A-Z]{{4}}{_GAP}[0-9A-Z]{{4}})(?![0-9A-Z]))"
    ),
    KEY_LENGTH: _whole(_GROUPS[KEY_LENGTH]),
}
# The lengths to look for, new format first, when codes or keys are wanted.
_LENGTHS = {LENGTH: CODE_LENGTHS, KEY_LENGTH: KEY_LENGTHS}

_SIZE = len(ALPHABET)
# The value of each character, and the sum of the digits of its double, as tables of bytes: a batch
# of codes needs a million of them.
_VALUES = bytes.maketrans(ALPHABET.encode(), bytes(range(_SIZE)))
_DOUBLED = bytes.maketrans(
    ALPHABET.encode(), bytes(sum(divmod(2 * value, _SIZE)) for value in range(_SIZE))
)


def check_character(body: str) -> str:
    """Return the Luhn mod 28 check character that follows these characters."""
    characters = body.encode()
    doubled, others = characters[-1::-2], characters[-2::-2]
    total = sum(doubled.translate(_DOUBLED)) + sum(others.translate(_VALUES))
    return ALPHABET[-total % _SIZE]


def has_check_character(text: str) -> bool:
    """Return whether a normalized text is of the alphabet and ends in its check character."""
    return set(text) <= set(ALPHABET) and text[-1:] == check_character(text[:-1])


def random_characters(count: int, draw: Callable[[int], bytes] = os.urandom) -> str:
    """Return at least `count` random, evenly distributed characters of the alphabet.

    `draw` returns random bytes.
    """
    characters = ""
    while len(characters) < count:
        drawn = draw(count + count // 32 + 16)
        characters += drawn.translate(_CHARACTERS, delete=_DROPPED).decode()
    return characters


def normalize(typed: str) -> str:
    """Return a typed code as stored: upper case, only letters and digits."""
    plain = unicodedata.normalize("NFKC", typed).upper()
    return re.sub(r"[^0-9A-Z]", "", plain)


def formatted(code: str) -> str:
    """Return a stored code or group key as people read it, in groups with hyphens."""
    split = _SPLIT.get(len(code))
    return "-".join(split(code)) if split else code


def codes_in(typed: str, length: int = LENGTH) -> list[str]:
    """Return the possible codes in a pasted text, each once, or the whole text if it has none.

    With `length=KEY_LENGTH`, return possible group keys. The new format is looked for first.
    """
    whole = normalize(typed)
    # Two old keys and a word may be as long as a new code, but don't fit its alphabet.
    is_new = len(whole) in _LENGTHS[length] and set(whole) <= set(ALPHABET)
    if len(whole) == length or is_new:
        return [whole]
    # An invisible character may separate two groups or be inside one.
    texts = (_with_plain_gaps(typed, invisible=instead) for instead in (" ", ""))
    found = chain.from_iterable(_found_in(text, length) for text in texts)
    return list(dict.fromkeys(found)) or [whole]


def _found_in(text: str, length: int) -> list[str]:
    """Return the codes or keys in a text with plain gaps; no part of a new one is an old one."""
    found: list[str] = []
    for one in _LENGTHS[length]:
        for code in _IN_TEXT[one].findall(text):
            found.append(normalize(code))
            text = text.replace(code, " " * len(code)) if one != length else text
    return found


def _with_plain_gaps(typed: str, *, invisible: str) -> str:
    """Return a text in upper case, with hyphens for all dashes and spaces for all blanks."""
    text = unicodedata.normalize("NFKC", typed).upper()
    return "".join(_plain(char, invisible) for char in text)


def _plain(char: str, invisible: str) -> str:
    if char.isascii() and char not in "\t_":
        return char
    kind = unicodedata.category(char)
    if kind == "Cf":
        return invisible
    if kind == "Pd" or char in _OTHER_DASHES:
        return "-"
    return " " if kind == "Zs" or char == "\t" else char


def code_in(typed: str, length: int = LENGTH) -> str:
    """Return the likeliest code in a pasted text; words of the same length may look like one."""
    found = codes_in(typed, length)
    random_ones = (code for code in found if set(code) <= set(ALPHABET))
    with_digits = (code for code in found if not code.isalpha())
    return next(chain(random_ones, with_digits, found))


def typed_codes(typed: str) -> list[str]:
    """Return the codes in a pasted text, or its group keys, or the whole text if it has neither."""
    codes = [
        code
        for code in codes_in(typed)
        if len(code) == LENGTH or (len(code) == NEW_LENGTH and set(code) <= set(ALPHABET))
    ]
    keys = [key for key in codes_in(typed, KEY_LENGTH) if is_key(key)]
    return codes or keys or [normalize(typed)]


def is_key(text: str) -> bool:
    """Return whether a normalized text has the form of a group key."""
    if len(text) == NEW_KEY_LENGTH:
        return has_check_character(text)
    return len(text) == KEY_LENGTH and set(text) <= set(ALPHABET)


def new_key() -> str:
    """Return a random group key as stored, without hyphens."""
    body = random_characters(NEW_KEY_LENGTH - 1)[: NEW_KEY_LENGTH - 1]
    return body + check_character(body)


def explain_impossible_characters(code: str) -> str:
    """Return a message about characters that no activation code or group key has, or ""."""
    odd = [char for char in dict.fromkeys(code) if char not in ALPHABET]
    if not odd:
        return ""
    return _(
        "There is a typing error. Activation codes and group keys have no vowels and no L, 0 or 1. "
        "You typed %(characters)s."
    ) % {"characters": ", ".join(odd)}


def look_alikes(code: str) -> list[str]:
    """Return a normalized code, then the codes it may be misread from (O for 0; I or L for 1).

    Random codes have none of these characters, so no variant matches one by chance.
    """
    choices = [char + _ALIKE.get(char, "").replace(char, "") for char in code]
    return ["".join(variant) for variant in islice(product(*choices), _MOST_VARIANTS)]


def look_alike_pattern(part: str) -> str:
    """Return a regular expression for part of a code, including its look-alikes."""
    return "".join(f"[{_ALIKE[char]}]" if char in _ALIKE else char for char in part)
