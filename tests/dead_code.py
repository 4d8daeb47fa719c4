"""Find code that nothing uses: vulture, and the ways in which Django uses names.

Only the application counts as a user: what only tests use is dead. Its settings are in
`pyproject.toml`.
"""

import ast
import importlib
import inspect
import os
import pkgutil
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import django
from django.conf import global_settings
from django.db.models.options import DEFAULT_NAMES
from vulture import Vulture
from vulture.config import make_config

ROOT = Path(__file__).parents[1]
TAG = re.compile(r"{{.*?}}|{%.*?%}", flags=re.S)
QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
# A field, a path, a descending order or a type: "seats", "order__number", "-pk", "list[Order]".
NAMES = re.compile(r"-?[A-Za-z_][\w.]*(\[[\w.\[\], |]+\])?")


class DeadCode(Vulture):
    """A name also counts as used if a whole string is that name, or a path that has it."""

    def visit_Constant(self, node: ast.Constant) -> None:
        """Note the names in a string such as an option of a ModelAdmin or of the settings."""
        if isinstance(node.value, str) and NAMES.fullmatch(node.value):
            self.used_names.update(re.split(r"\W+|__", node.value))


def names_in_templates() -> Iterator[str]:
    """The names in the tags of the templates."""
    for path in (ROOT / "templates").rglob("*"):
        if path.is_file():
            for tag in TAG.findall(path.read_text(encoding="utf-8")):
                yield from re.findall(r"[A-Za-z_]\w*", QUOTED.sub("", tag))


def names_for_libraries(packages: list[str]) -> Iterator[str]:
    """The attributes of our classes that a base class from a library has too, and calls."""
    for module in modules(packages):
        for _name, ours in inspect.getmembers(module, inspect.isclass):
            if ours.__module__ == module.__name__:
                for base in ours.__mro__[1:-1]:
                    if base.__module__.partition(".")[0] not in packages:
                        yield from vars(ours).keys() & vars(base).keys()


def names_in_migrations(packages: list[str]) -> Iterator[str]:
    """The names that migrations import. They install some of our functions in the database."""
    for package in packages:
        for path in (ROOT / package).rglob("migrations/*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.ImportFrom):
                    yield from (alias.name for alias in node.names)


def modules(packages: list[str]) -> Iterator[ModuleType]:
    """Every module of the packages, imported."""
    for name in packages:
        package = importlib.import_module(name)
        yield package
        for found in pkgutil.walk_packages(package.__path__, f"{name}."):
            yield importlib.import_module(found.name)


def main() -> int:
    """Print the dead code, and return how a program ends that found some, or none."""
    config = make_config()
    search = DeadCode(
        ignore_names=config["ignore_names"], ignore_decorators=config["ignore_decorators"]
    )
    search.scavenge(config["paths"], exclude=config["exclude"])
    packages = [path for path in config["paths"] if (ROOT / path).is_dir()]
    search.used_names.update(names_in_templates(), names_for_libraries(packages))
    search.used_names.update(names_in_migrations(packages))
    # Settings, formats of dates, and what a model's Meta may have.
    search.used_names.update(dir(global_settings), DEFAULT_NAMES)
    return int(search.report(min_confidence=config["min_confidence"]))


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jasper_inventory.settings")
    django.setup()
    sys.exit(main())
