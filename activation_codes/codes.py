"""The signs of an activation code: twelve random ones and a check sign, which is a letter.

The check sign is Luhn mod N (N = 28) over the other twelve, so that a typing error is told from
an unknown code without a query: see the "Luhn mod N algorithm". Always a letter, since Excel's
AutoFill counts up a text that ends in a digit.
"""

from collections.abc import Iterator

from jasper_inventory.lib.codes import ALPHABET, LENGTH, random_signs

_SIZE = len(ALPHABET)
_VALUE = {sign: value for value, sign in enumerate(ALPHABET)}
_DOUBLED = {sign: sum(divmod(2 * value, _SIZE)) for sign, value in _VALUE.items()}
_BODY = LENGTH - 1


def check_sign(body: str) -> str:
    """The Luhn mod 28 check sign of the twelve signs before it."""
    total = sum(_DOUBLED[sign] for sign in body[-1::-2]) + sum(
        _VALUE[sign] for sign in body[-2::-2]
    )
    return ALPHABET[-total % _SIZE]


def is_well_formed(code: str) -> bool:
    """Whether a normalized text can be an activation code at all: length, alphabet, check sign."""
    return (
        len(code) == LENGTH
        and all(sign in _VALUE for sign in code)
        and code[-1] == check_sign(code[:-1])
    )


def generate(count: int) -> Iterator[str]:
    """Yield `count` random codes as stored, without hyphens; the index tells which are new."""
    while count > 0:
        # A draw is dropped where its check sign is a digit: 8 times in 28.
        signs = random_signs(_BODY * min(count, 10_000))
        for at in range(0, len(signs) - _BODY + 1, _BODY):
            body = signs[at : at + _BODY]
            last = check_sign(body)
            if last.isdigit():
                continue
            yield body + last
            count -= 1
            if count == 0:
                return
