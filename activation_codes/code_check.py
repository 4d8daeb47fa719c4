"""The characters of an activation code: random ones and a check character, which is a letter.

The check character is Luhn mod N (N = 28) over the others (see "Luhn mod N algorithm"), so that a
typing error is recognized without a query. It is always a letter, because Excel's AutoFill counts
up a text that ends in a digit. Older codes have 13 characters.
"""

import os
from collections.abc import Callable, Iterator

from jasper_inventory.lib.code_format import (
    CODE_LENGTHS,
    NEW_LENGTH,
    check_character,
    has_check_character,
    random_characters,
)

_BODY = NEW_LENGTH - 1


def is_well_formed(code: str) -> bool:
    """Whether a normalized text has the length, alphabet and check character of a code."""
    return len(code) in CODE_LENGTHS and has_check_character(code)


def generate(count: int, draw: Callable[[int], bytes] = os.urandom) -> Iterator[str]:
    """Yield `count` random codes as stored, without hyphens; the unique index finds duplicates.

    `draw` returns random bytes.
    """
    while count > 0:
        # Draws whose check character is a digit, 8 in 28, are dropped.
        characters = random_characters(_BODY * min(count, 10_000), draw)
        for at in range(0, len(characters) - _BODY + 1, _BODY):
            body = characters[at : at + _BODY]
            last = check_character(body)
            if last.isdigit():
                continue
            yield body + last
            count -= 1
            if count == 0:
                return
