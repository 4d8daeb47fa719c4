"""The docs: what they link to is there, and every command and setting is named in them."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import get_commands

ROOT = Path(settings.BASE_DIR)
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")]
PAGES_OF_COMMANDS = ("support.md", "operators.md")
OURS = ("accounts", "licenses", "activation_codes", "renewals", "inventory")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_relative_link_leads_somewhere(page):
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text()):
        assert (page.parent / target).exists(), target


def test_every_command_of_support_staff_is_explained():
    support, operators = ((ROOT / "docs" / page).read_text() for page in PAGES_OF_COMMANDS)
    commands = {
        name
        for name, app in get_commands().items()
        if str(app).removeprefix("jasper_inventory.") in OURS and name != "run_demo"
    }

    assert len(commands) > 10
    assert "db_worker" in operators
    assert {name for name in commands - {"db_worker"} if name not in support} == set()


def test_every_setting_of_the_environment_is_explained():
    text = (ROOT / "docs" / "operators.md").read_text()
    source = (ROOT / "jasper_inventory" / "settings.py").read_text()
    names = set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', source))

    assert len(names) > 15
    assert {name for name in names if f"`{name}`" not in text} == set()
