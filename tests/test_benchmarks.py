"""The command that measures the site: what it measures, and the page that it writes."""

import re
import subprocess
import sys

from django.conf import settings

GROUPS = {
    *("License Inventory", "Panel", "License Distribution", "Transfers", "People", "Edit Order"),
    *("People of an order with 5,000 students", "Requests", "Admin", "Activation codes"),
    *("Commands", "Redeeming", "Requests per second"),
}


def listed(*options):
    # In a process of its own, as it sets the environment for production.
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--list", *options],
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return done.stdout.splitlines()


def test_each_case_has_a_name_of_its_own_in_one_of_the_groups():
    names = listed()

    assert len(names) > 150
    assert len(set(names)) == len(names)
    assert {name.split(": ")[0] for name in names} == GROUPS


def test_only_chooses_by_part_of_the_name():
    assert listed("--only", "panel") == [
        f"Panel: {page} ({persona})"
        for persona in ("center", "medium", "large")
        for page in ("Panel", "overview")
    ]


def test_the_page_has_the_part_that_is_written():
    text = (settings.BASE_DIR / "docs" / "performance.md").read_text()
    figures = re.search(r"<!-- figures -->\n.*<!-- end of figures -->", text, re.DOTALL)

    assert figures
    images = re.findall(r"\(images/(growth-[\w-]+\.svg)\)", figures[0])
    for name in images:
        assert (settings.BASE_DIR / "docs" / "images" / name).exists()
