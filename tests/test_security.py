"""docs/security.md has every requirement of OWASP ASVS 5.0 once, with proof that exists."""

from collections import Counter

import pytest

from tests.asvs import BELOW, PAGE, ROOT, STATES, Row, counts, files_in, required, rows


def test_every_requirement_of_levels_1_and_2_has_one_row():
    named = Counter(one for row in rows() for one in row.requirements)
    assert len(required()) == 253
    assert named == Counter([*required()])


def test_each_row_has_the_level_of_its_requirements_and_a_known_state():
    levels = required()
    wrong = [
        row.requirements
        for row in rows()
        if row.state not in STATES
        or row.level != "/".join(sorted({levels[one] for one in row.requirements}))
    ]
    assert wrong == []


def named_together(row: Row) -> bool:
    return len(row.requirements) > 1 and row.state in ("met", "not met")


def test_what_is_met_names_its_proof_and_is_alone_in_its_row():
    without = [row.requirements for row in rows() if row.state == "met" and not files_in(row.tests)]
    assert without == []
    assert [row.requirements for row in rows() if named_together(row)] == []


@pytest.mark.parametrize("name", ["security.md", "security-rules.md"])
def test_every_file_that_the_pages_name_exists(name):
    named = files_in((ROOT / "docs" / name).read_text())
    assert named
    assert [file for file in named if not (ROOT / file).exists()] == []


def test_the_counts_at_the_top_are_right():
    found = counts()
    lines = [
        f"| {state} | {found[state, '1']} | {found[state, '2']} | "
        f"{found[state, '1'] + found[state, '2']} |"
        for state in STATES
    ]
    assert "\n".join(lines) in PAGE.read_text()


def test_what_is_not_met_and_what_the_operator_does_is_explained_below():
    text = PAGE.read_text()
    for state, heading in (("not met", BELOW), ("operator", "## For the operator")):
        section = text.split(heading)[1].split("\n## ")[0]
        ids = [one for row in rows() if row.state == state for one in row.requirements]
        assert [one for one in ids if f"{one} " not in section and f"{one}," not in section] == []
