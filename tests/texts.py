"""Every text of the product that a person can read, with the file that it is in."""

import ast
import re
from pathlib import Path

from django.conf import settings

ROOT = Path(settings.BASE_DIR)
PACKAGES = ("jasper_inventory", "licenses", "activation_codes", "renewals")
MARKS = {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy", "pgettext", "pgettext_lazy"}


def templates():
    """The templates, as (name, source)."""
    for path in sorted((ROOT / "templates").rglob("*")):
        if path.suffix in (".html", ".txt"):
            yield str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")


def modules():
    """The modules of the application without migrations, as (name, source)."""
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if "migrations" not in path.parts:
                yield str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")


def docs():
    """The README and the pages of `docs`, as (name, text) without code and addresses."""
    for path in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]:
        text = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.S)
        text = re.sub(r"`[^`]*`", "", text)
        yield str(path.relative_to(ROOT)), re.sub(r"\]\([^)]*\)", "]", text)


def screen_texts():
    """The strings marked for translation, as (file, text)."""
    for name, source in templates():
        yield from ((name, text) for text in _of_template(source))
    for name, source in modules():
        yield from ((name, text) for text in _of_module(source))


def docstrings():
    """The docstrings and comments of the application, as (file, text)."""
    for name, source in modules():
        for node in ast.walk(ast.parse(source)):
            has_docstring = isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
            if has_docstring and (text := ast.get_docstring(node)):
                yield name, " ".join(re.sub(r"`[^`]*`", "", text).split())
        for comment in re.findall(r"(?:^[ ]*# .*\n?)+", source, flags=re.M):
            text = " ".join(re.sub(r"^[ ]*# ", "", comment, flags=re.M).split())
            yield name, re.sub(r"`[^`]*`", "", text)


def _of_template(source):
    for text in re.findall(r"{% translate \"(.+?)\"", source):
        yield text
    block = r"{%\s*blocktrans(?:late)?\b.*?%}(.*?){%\s*endblocktrans(?:late)?\s*%}"
    for text in re.findall(block, source, flags=re.S):
        for part in re.split(r"{%\s*plural\s*%}", text):
            yield " ".join(part.split())
    for text in re.findall(r"_\(\"(.+?)\"\)", source):
        yield text


def _of_module(source):
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if name in MARKS or name.startswith("gettext"):
                for argument in node.args:
                    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                        yield argument.value
