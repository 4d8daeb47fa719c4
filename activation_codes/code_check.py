"""The characters of an activation code: random ones and a check character, which is a letter.

The check character is Luhn mod N (N = 28) over the others, so that a typing error is told from
an unknown code without a query: see the "Luhn mod N algorithm". Always a letter, since Excel's
AutoFill counts up a text that ends in a digit. Codes created before have 13 characters.
"""

from collections.abc import Iterator

from jasper_inventory.lib.code_format import (
    CODE_LENGTHS,
    NEW_LENGTH,
    check_character,
    has_check_character,
    random_characters,
)

_BODY = NEW_LENGTH - 1


def is_well_formed(code: str) -> bool:
    """Whether a normalized text can be an activation code at all: length, alphabet, check sign."""
    return len(code) in CODE_LENGTHS and has_check_character(code)


def generate(count: int) -> Iterator[str]:
    """Yield `count` random codes as stored, without hyphens; the index tells which are new."""
    while count > 0:
        # A draw is dropped where its check character is a digit: 8 times in 28.
        signs = random_characters(_BODY * min(count, 10_000))
        for at in range(0, len(signs) - _BODY + 1, _BODY):
            body = signs[at : at + _BODY]
            last = check_character(body)
            if last.isdigit():
                continue
            yield body + last
            count -= 1
            if count == 0:
                return
