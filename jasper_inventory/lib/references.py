"""References to people in stored texts: `⟦name 12⟧` means the current name of person 12.

While `written` is active, people are written as such references. Stored texts then follow a
person who changes their name or is erased, without being searched.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

NAME = "name"
# Columns of a person that a reference may mean instead.
PARTS = ("username", "first_name", "last_name", "email")
_REFERENCE = re.compile(r"⟦(\w+) (\d+)⟧")
_people: ContextVar[set[int] | None] = ContextVar("people", default=None)


@contextmanager
def written() -> Iterator[set[int]]:
    """Write references instead of names; yield the set that collects the people's keys."""
    people: set[int] = set()
    token = _people.set(people)
    try:
        yield people
    finally:
        _people.reset(token)


def reference(pk: int, part: str = NAME) -> str:
    """Return a reference to part of a person's data, or "" outside of `written`."""
    people = _people.get()
    if people is None:
        return ""
    people.add(pk)
    return f"⟦{part} {pk}⟧"


def people_in(*texts: str) -> set[int]:
    """Return the keys of the people that these texts refer to."""
    return {int(pk) for text in texts for _part, pk in _REFERENCE.findall(text)}


def resolved(text: str, part_of: Callable[[int, str], str | None]) -> str:
    """Return the text with names; references for which `part_of` returns None stay unchanged."""

    def replace(found: re.Match[str]) -> str:
        part = part_of(int(found[2]), found[1])
        return found[0] if part is None else part

    return _REFERENCE.sub(replace, text)
