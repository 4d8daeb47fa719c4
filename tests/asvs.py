"""The rows of docs/security.md: how each requirement of OWASP ASVS 5.0 is met.

`python -m tests.asvs` prints how many requirements are in each state.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "security.md"
# All requirements of levels 1 and 2: the number and the level in each line.
IDS = ROOT / "tests" / "security" / "asvs-5.0.0-ids.txt"
# What the sections below the tables of requirements begin with.
BELOW = "## Not met, and why"
STATES = ("met", "operator", "not met", "doesn't apply")
_FILE = re.compile(r"`([\w.@-]+(?:/[\w.@-]+)*/?)`")
_SUFFIXES = (".py", ".md", ".txt", ".toml", ".js", ".html", ".conf", ".service", "/")


@dataclass(frozen=True)
class Row:
    """One line of the page's tables; one that doesn't apply may have several requirements."""

    requirements: tuple[str, ...]
    level: str
    state: str
    tests: str


def required() -> dict[str, str]:
    """Return the level of each requirement."""
    return dict(line.split() for line in IDS.read_text().splitlines())


def rows() -> Iterator[Row]:
    """Yield the rows about requirements."""
    for line in PAGE.read_text().split(BELOW)[0].splitlines():
        if line.startswith("| V"):
            ids, level, _what, state, _how, tests = line.removeprefix("| ").split(" | ")
            yield Row(tuple(ids.split(", ")), level, state, tests)


def counts() -> dict[tuple[str, str], int]:
    """Return how many requirements of each level are in each state."""
    levels = required()
    found = Counter((row.state, levels[one]) for row in rows() for one in row.requirements)
    return {(state, level): found[state, level] for state in STATES for level in ("1", "2")}


def files_in(text: str) -> list[str]:
    """Return the files and folders of the project that a text names."""
    return [name for name in _FILE.findall(text) if name.endswith(_SUFFIXES)]


if __name__ == "__main__":
    for (state, level), number in counts().items():
        print(f"level {level}, {state}: {number}")
