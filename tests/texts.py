"""Every text of the product that a person can read, with the file that it is in."""

import ast
import io
import re
import tokenize
from functools import cache
from itertools import groupby
from pathlib import Path
from tokenize import COMMENT

from django.conf import settings

ROOT = Path(settings.BASE_DIR)
PACKAGES = ("jasper_inventory", "licenses", "activation_codes", "renewals")
MARKS = {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy", "pgettext", "pgettext_lazy"}


def templates():
    """The templates, as (name, code)."""
    for path in sorted((ROOT / "templates").rglob("*")):
        if path.suffix in (".html", ".txt"):
            yield str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")


def modules(packages=PACKAGES):
    """The modules of packages without migrations, as (name, code)."""
    for package in packages:
        for path in sorted((ROOT / package).rglob("*.py")):
            if "migrations" not in path.parts:
                yield str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")


def settings_code():
    """The code of all settings."""
    return "".join(code for name, code in modules(["jasper_inventory/settings"]))


def modules_of_tests():
    """The modules of the tests, without the one that has old words as examples."""
    return [each for each in modules(["tests"]) if each[0] != "tests/test_english.py"]


def docs():
    """The README and the pages of `docs`, as (name, text) without code and addresses."""
    for path in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]:
        text = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.S)
        text = re.sub(r"`[^`]*`", "", text)
        yield str(path.relative_to(ROOT)), re.sub(r"\]\([^)]*\)", "]", text)


def screen_texts():
    """The strings marked for translation, as (file, text)."""
    for name, code in templates():
        yield from ((name, text) for text in _of_template(code))
    for name, code in modules():
        yield from ((name, text) for text in _read(code)["marked"])


def docstrings(modules):
    """The docstrings and comments of modules, as (file, text)."""
    for name, code in modules:
        for text in [*_read(code)["docstrings"], *_comments(code)]:
            yield name, " ".join(re.sub(r"`[^`]*`", "", text).split())


def names(modules):
    """The names that modules define, and their own, as (file, words)."""
    for name, code in modules:
        for each in sorted({Path(name).stem, *_read(code)["names"]}):
            words = re.sub(r"(?<=[a-z])(?=[A-Z])|_", " ", each.removeprefix("test_"))
            yield name, words.strip().lower()


@cache
def _read(code):
    """The docstrings, names and marked texts of a module, by one walk through it."""
    docstrings, names, marked = [], set(), []
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Module):
            docstrings += filter(None, [ast.get_docstring(node)])
            names.add(getattr(node, "name", ""))
        elif isinstance(node, ast.arg):
            names.add(node.arg)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, ast.Call):
            marked += _marked(node)
    return {"docstrings": docstrings, "names": names, "marked": marked}


def _marked(call):
    name = getattr(call.func, "id", getattr(call.func, "attr", ""))
    if name in MARKS or name.startswith("gettext"):
        for argument in call.args:
            if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                yield argument.value


def _comments(code):
    """The comments; those of successive lines as one."""
    tokens = tokenize.generate_tokens(io.StringIO(code).readline)
    found = [(*token.start, token.string[1:].strip()) for token in tokens if token.type == COMMENT]
    blocks = groupby(enumerate(found), key=lambda each: (each[1][0] - each[0], each[1][1]))
    for _key, block in blocks:
        yield " ".join(text for _at, (_line, _column, text) in block)


def _of_template(code):
    for text in re.findall(r"{% translate \"(.+?)\"", code):
        yield text
    block = r"{%\s*blocktrans(?:late)?\b.*?%}(.*?){%\s*endblocktrans(?:late)?\s*%}"
    for text in re.findall(block, code, flags=re.S):
        for part in re.split(r"{%\s*plural\s*%}", text):
            yield " ".join(part.split())
    for text in re.findall(r"_\(\"(.+?)\"\)", code):
        yield text
