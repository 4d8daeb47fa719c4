"""The docs: their links have targets, and they name every command and setting."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.utils.module_loading import import_string

from activation_codes.code_check import is_well_formed
from jasper_inventory.lib.code_format import CODE_LENGTHS, KEY_LENGTHS, formatted, is_key, normalize
from licenses.models.seats import NEARLY_FULL
from licenses.services.alerts import MARKS
from tests.commands import OURS
from tests.texts import settings_code

ROOT = Path(settings.BASE_DIR)
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")]
PAGES_OF_COMMANDS = ("support.md", "operators.md")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_relative_link_has_a_target(page):
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text()):
        assert (page.parent / target).exists(), target


def map_of_changes():
    """The rows of the map in the docs for developers: {what to change: its files}."""
    text = (ROOT / "docs" / "developers.md").read_text().split("## I want to change …")[1]
    rows = [row for row in text.split("\n## ")[0].splitlines() if row.startswith("| ")][2:]
    return {
        row.split(" | ")[0].removeprefix("| "): set(re.findall(r"`([\w./]+/[\w./]*)`", row))
        for row in rows
    }


def test_every_file_that_the_map_of_changes_names_is_there():
    rows = map_of_changes()
    files = set().union(*rows.values())

    assert len(rows) >= 15 and len(files) > 30
    assert {file for file in files if not (ROOT / file).exists()} == set()


# What exists of each kind, spelled as in the code.
EXAMPLES = {
    "a box of the codes window": ["enable_badges"],
    "a column of the License Inventory": ["Was It Renewed?", 'self._cell("was_renewed"'],
    "a column of the workbook of codes": ["last_names"],
    "a count or warning on the Panel": ["free_codes", "most_users"],
    "a level of organizations": ["RESELLER = ", '"reseller"'],
    "an alert before something ends or fills up": ["def due_mark"],
    "the status of an order": ["OrderStatus.SCHEDULED", "status-scheduled"],
}
CODE_FILES = [
    path
    for folder in ("licenses", "activation_codes", "renewals", "jasper_inventory", "templates")
    for path in [*(ROOT / folder).rglob("*.py"), *(ROOT / folder).rglob("*.html")]
    if "migrations" not in path.parts
] + [*(ROOT / "static" / "css").glob("*.css")]


@pytest.mark.parametrize(("change", "examples"), EXAMPLES.items())
def test_the_map_of_changes_names_every_file_that_has_an_example(change, examples):
    named = map_of_changes()[change]
    found = {
        example: {str(path.relative_to(ROOT)) for path in CODE_FILES if example in path.read_text()}
        for example in examples
    }

    assert all(found.values()), found
    assert set().union(*found.values()) <= named


def test_every_name_that_the_concepts_rely_on_is_there():
    text = (ROOT / "docs" / "concepts.md").read_text()
    files = set(re.findall(r"`([\w/]+\.py|[\w/]+\.html)`", text))
    names = set(re.findall(r"`((?:licenses|activation_codes|renewals)\.[\w.]+)`", text))
    folders = (
        ROOT,
        ROOT / "jasper_inventory",
        ROOT / "jasper_inventory/accounts",
        ROOT / "templates",
    )

    assert len(files) > 15 and len(names) > 4
    assert {file for file in files if not any((at / file).exists() for at in folders)} == set()
    assert all(import_string(name) for name in names)


def test_every_command_of_support_staff_is_explained():
    support, operators = ((ROOT / "docs" / page).read_text() for page in PAGES_OF_COMMANDS)
    commands = set(OURS) - {"run_demo", "db_worker"}

    assert len(commands) > 10
    assert "db_worker" in operators
    assert {name for name in commands if f"**{name}**" not in support} == set()


def test_the_docs_name_the_days_and_the_share_of_seats_that_raise_an_alert():
    administrators, support = (
        (ROOT / "docs" / page).read_text() for page in ("administrators.md", "support.md")
    )
    days = ", ".join(str(days) for days in reversed(MARKS[1:]))

    assert f"{days} or {MARKS[0]} days" in support
    assert f"{days} and {MARKS[0]} days before" in administrators
    assert f"{NEARLY_FULL} %" in administrators


def test_every_setting_of_the_environment_is_explained():
    text = (ROOT / "docs" / "operators.md").read_text()
    names = set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', settings_code()))

    assert len(names) > 15
    assert {name for name in names if f"`{name}`" not in text} == set()


# Teacher codes, which may be chosen, and a mistyped code.
NO_CHECK_CHARACTER = {"U7DA7-NIFE-3017", "SALES-1124-0817", "BCDFG-HJKM-NPQR"}
SAMPLES = re.compile(r"(?<![\w-])[0-9A-Z]{4,5}(?:-[0-9A-Z]{4,5})+(?![\w-])")


def test_every_sample_of_a_code_or_key_could_be_real():
    wrong, lengths = set(), set()
    for page in PAGES:
        for sample in SAMPLES.findall(page.read_text()):
            code = normalize(sample)
            lengths.add(len(code))
            accepted = is_well_formed(code) or is_key(code) or sample in NO_CHECK_CHARACTER
            if not accepted or formatted(code) != sample:
                wrong.add((page.name, sample))

    assert wrong == set()
    assert {*CODE_LENGTHS, *KEY_LENGTHS} <= lengths
