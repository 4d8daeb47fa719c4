"""The names of a large inventory, read from names.toml."""

import tomllib
from pathlib import Path

_NAMES = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))

TOWNS: list[str] = _NAMES["towns"]
# What organizations of a level are called, by the level's name.
KINDS: dict[str, list[str]] = _NAMES["kinds"]
COMMON_SURNAME: str = _NAMES["common_surname"]
SURNAMES: list[str] = _NAMES["surnames"]
FIRST_NAMES: list[str] = _NAMES["first_names"]
