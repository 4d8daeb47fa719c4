"""Texts that name people by reference: `⟦name 12⟧` stands for whatever person 12 is called.

While `written` is active, a person's text is such a reference. Texts that are kept this way
follow a person who changes their name or is erased, without anyone searching them.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

NAME = "name"
_REFERENCE = re.compile(r"⟦(\w+) (\d+)⟧")
_people: ContextVar[set[int] | None] = ContextVar("people", default=None)


@contextmanager
def written() -> Iterator[set[int]]:
    """Write references instead of names; yield the set that collects whom they are about."""
    people: set[int] = set()
    token = _people.set(people)
    try:
        yield people
    finally:
        _people.reset(token)


def reference(pk: int, part: str = NAME) -> str:
    """Return the reference to a part of a person, or "" while names are written."""
    people = _people.get()
    if people is None:
        return ""
    people.add(pk)
    return f"⟦{part} {pk}⟧"


def people_in(*texts: str) -> set[int]:
    """Return the keys of the people that these texts refer to."""
    return {int(pk) for text in texts for _part, pk in _REFERENCE.findall(text)}


def resolved(text: str, part_of: Callable[[int, str], str | None]) -> str:
    """Return the text with names; a reference of which `part_of` knows nothing stays as it is."""

    def replace(found: re.Match[str]) -> str:
        part = part_of(int(found[2]), found[1])
        return found[0] if part is None else part

    return _REFERENCE.sub(replace, text)
