"""The icons that the site uses, and the one file that has them: static/icons.svg.

`python -m tests.icons` writes the file again after a template or a module uses another icon.
"""

import re
from importlib.resources import files
from pathlib import Path
from zipfile import ZipFile

ROOT = Path(__file__).parent.parent
SPRITE = ROOT / "static" / "icons.svg"
HEAD = """\
<svg xmlns="http://www.w3.org/2000/svg">
<!-- Outline icons of Heroicons, copied from the package heroicons 2.14.0 (icons-license.txt).
     Written by: python -m tests.icons -->
"""
# {% icon "x" %}, icon="x" for an included template, icon("x") in Python; either kind of quotes.
USED = re.compile(r"""\bicon[ =(]["']([a-z0-9-]+)["']""")
PARTS = re.compile(r"<svg (?P<attributes>[^>]*)>(?P<shapes>.*)</svg>", re.DOTALL)
# What every symbol of the outline icons needs of its own <svg>.
KEPT = re.compile(r'\b(?:fill|viewBox|stroke-width|stroke)="[^"]*"')


def used():
    """The names of the icons in templates and in code, each once, sorted."""
    texts = [
        path.read_text(encoding="utf-8")
        for folder, kind in (
            ("templates", "*.html"),
            ("jasper_inventory", "*.py"),
            ("licenses", "*.py"),
            ("activation_codes", "*.py"),
            ("renewals", "*.py"),
        )
        for path in (ROOT / folder).rglob(kind)
        # Its documentation has examples.
        if path.name != "icons.py"
    ]
    return sorted({name for text in texts for name in USED.findall(text)})


def sprite(names):
    """The text of a sprite with icons of the package; a KeyError names one that it doesn't have."""
    with (files("heroicons") / "heroicons.zip").open("rb") as packed, ZipFile(packed) as icons:
        symbols = [_symbol(name, icons.read(f"outline/{name}.svg").decode()) for name in names]
    return HEAD + "".join(symbols) + "</svg>\n"


def _symbol(name, svg):
    parts = PARTS.search(svg)
    attributes = " ".join(KEPT.findall(parts["attributes"]))
    shapes = "".join(line.strip() for line in parts["shapes"].splitlines())
    return f'<symbol id="{name}" {attributes}>{shapes}</symbol>\n'


if __name__ == "__main__":
    SPRITE.write_text(sprite(used()), encoding="utf-8")
