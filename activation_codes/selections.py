"""Codes that someone selected, as a part of an address: their keys, never the codes themselves.

So a window of selected codes has an address like every other, in any number of tabs.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from string import ascii_lowercase, digits

MOST_SELECTED = 1_000
PARAMETER = "selected"
# Web servers refuse addresses of more than about 4,000 characters.
_MOST_CHARACTERS = 3_200
_DIGITS = digits + ascii_lowercase
_RUN = re.compile(r"([0-9a-z]{1,12})(?:-([0-9a-z]{1,2}))?")


def encoded(keys: Iterable[int]) -> str:
    """Return keys as text, or "" if they are too many or too scattered for an address.

    Runs of successive keys, each as the distance from the one before and its length.
    """
    runs, last = [], 0
    # Successive keys differ equally from their positions.
    for _gap, run in groupby(enumerate(sorted(keys)), lambda each: each[1] - each[0]):
        members = [key for _at, key in run]
        length = f"-{_base36(len(members) - 1)}" if len(members) > 1 else ""
        runs.append(_base36(members[0] - last) + length)
        last = members[-1]
    text = ".".join(runs)
    return text if len(text) <= _MOST_CHARACTERS else ""


def decoded(text: str) -> list[int]:
    """Return the keys of a text by `encoded`; none if it is no such text."""
    keys: list[int] = []
    for run in _runs(text):
        keys += run
        if len(keys) > MOST_SELECTED or keys[-1] >= 2**63:
            return []
    return keys


def _runs(text: str) -> Iterator[range]:
    last = 0
    for part in text.split(".")[: MOST_SELECTED + 1]:
        found = _RUN.fullmatch(part)
        if not found:
            return
        first = last + int(found[1], 36)
        last = first + int(found[2] or "0", 36)
        yield range(first, last + 1)


def _base36(number: int) -> str:
    text = _DIGITS[number % 36]
    return _base36(number // 36) + text if number >= 36 else text
