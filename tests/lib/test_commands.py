"""The base of the management commands: actor, formats, arguments, one-line errors."""

import csv
import io
import json
import weakref
from datetime import date

import pytest
from django.core import mail
from django.core.management import get_commands, load_command_class

from jasper_inventory.lib import commands
from jasper_inventory.lib.exceptions import DomainError
from licenses.models import Order
from tests import factories
from tests.commands import OURS, refusal


def lines(format, *, columns=("name", "number"), rows):
    written = []
    commands.write_rows(written.append, format, columns=columns, rows=rows)
    return written


@pytest.mark.parametrize("name", OURS)
def test_help_is_full(name, capsys):
    command = load_command_class(get_commands()[name], name)
    assert len(command.help) > 60
    parser = command.create_parser("manage.py", name)
    assert all(action.help for action in parser._actions)
    with pytest.raises(SystemExit):
        parser.parse_args(["--help"])
    assert "usage:" in capsys.readouterr().out


# All other commands change data for a person, and can be rehearsed.
EXCEPTIONS = {
    # They change no data of a running site, or all of it.
    "backup": set(),
    "migrate": set(),
    "restore": set(),
    "changepassword": {"--by"},
    "check_inventory": {"--by", "--format"},
    "db_worker": set(),
    "doctor": {"--format"},
    "clean_up": set(),
    "explain_code": {"--format"},
    # It writes codes down and keeps who got them: there is nothing to rehearse.
    "export_codes": {"--by"},
    "find_code": {"--format"},
    # It changes rights, not data.
    "grant_rights": {"--dry-run"},
    "inventory_report": {"--format"},
    "load_demo": set(),
    "load_inventory": set(),
    "pending_requests": {"--format"},
    "resend_notices": {"--dry-run"},
    "run_demo": set(),
    "send_alerts": {"--dry-run"},
}


@pytest.mark.parametrize("name", OURS)
def test_commands_that_change_data_can_be_rehearsed(name):
    command = load_command_class(get_commands()[name], name)
    options = {
        option
        for action in command.create_parser("manage.py", name)._actions
        for option in action.option_strings
    }
    expected = EXCEPTIONS.get(name, {"--by", "--dry-run"})
    assert options & {"--by", "--dry-run", "--format"} == expected


def test_errors_of_arguments_are_one_line(capsys):
    command = load_command_class(get_commands()["approve_request"], "approve_request")
    command._called_from_command_line = True
    with pytest.raises(SystemExit) as ended:
        command.create_parser("manage.py", "approve_request").parse_args(["ten", "--by", "sue"])
    assert ended.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.endswith(
        'argument ORDER: "ten" is not a whole number above 0. Enter a whole number, such as 1,000.'
    )


def test_all_wrong_arguments_are_reported_in_one_line():
    line = refusal(
        *("assign_license", "Tolano", "center", "--product", "Office 2016", "--by", "sue"),
        *("--students", "1.000", "--start", "soon", "--finish", "2027-13-01"),
    )
    assert all(name in line for name in ("--students:", "--start:", "--finish:"))
    assert "without a decimal point" in line


def test_people_are_found_by_name_or_address(db):
    sue = factories.person("Sue.Wong", email="sue@example.com")
    assert commands.find_user(" sue.wong") == commands.find_user("SUE@example.com") == sue


@pytest.mark.parametrize("typed", ["", "  ", "nobody", "%", "sue.wong2"])
def test_unknown_people_are_refused(db, typed):
    factories.person("sue.wong", email="")
    with pytest.raises(DomainError, match="There is no user"):
        commands.find_user(typed)


def test_one_of_two_must_be_named(db):
    factories.person("a@example.com", email="")
    factories.person("b", email="a@example.com")
    with pytest.raises(DomainError, match="More than one user matches"):
        commands.find_user("a@example.com")


def test_an_inactive_person_can_no_longer_act(db):
    factories.staff("sue", is_active=False)
    with pytest.raises(DomainError, match="sue is not active"):
        commands.find_actor("sue")


@pytest.mark.parametrize("text", ["2026-02-30", "tomorrow", "", "13/02/2026"])
def test_dates_are_checked(text):
    assert "is not a date. Enter a date as yyyy-mm-dd" in commands.day(text)
    assert isinstance(commands.day(text), commands.WrongArgument)
    assert commands.day("2026-02-03") == date(2026, 2, 3)


@pytest.mark.parametrize("text", ["0", "-1", "1.5", "x", "", "²", "9" * 19])
def test_numbers_are_checked(text):
    assert "is not a whole number above 0" in commands.positive(text)
    assert isinstance(commands.positive(text), commands.WrongArgument)
    assert commands.positive("12") == 12


def test_table():
    written = lines("table", rows=[{"name": "a", "number": 10}, {"name": None, "number": 7}])
    assert written == ["Name  Number", "----  ------", "a         10", " " * 11 + "7"]


def test_nothing_in_a_table_steers_the_terminal():
    (*_head, line) = lines("table", rows=[{"name": "a\x1b[31m\nb", "number": 1}])
    assert "\x1b" not in line and "\n" not in line


def test_csv_is_harmless_in_a_spreadsheet():
    rows = [{"name": '=1+1,"x"', "number": -1}, {"name": "Zoë\nB", "number": None}]
    text = "".join(lines("csv", rows=rows))
    assert list(csv.reader(io.StringIO(text))) == [
        ["\ufeffname", "number"],
        ['\'=1+1,"x"', "-1"],
        ["Zoë\nB", ""],
    ]


def test_json_keeps_everything():
    rows = [{"name": "=Zoë\x1b", "number": date(2026, 1, 2)}]
    for number in (1, 3):
        text = "\n".join(lines("json", rows=rows * number))
        assert json.loads(text) == [{"name": "=Zoë\x1b", "number": "2026-01-02"}] * number
        # No other line end, and nothing that a terminal would obey.
        assert all(char.isprintable() or char == "\n" for char in text)
    assert json.loads("\n".join(lines("json", rows=[]))) == []


@pytest.mark.parametrize("format", commands.FORMATS)
def test_rows_are_not_kept_in_memory(format, monkeypatch):
    """Each row is forgotten as soon as it is written, also if a table doesn't fit in memory."""
    monkeypatch.setattr(commands, "MOST_KEPT", 10)
    alive = weakref.WeakSet()

    class Text(str):
        """A text that can be watched."""

    def rows():
        for number in range(50):
            text = Text(f"row {number}")
            alive.add(text)
            yield {"name": text, "number": number}
            del text
            assert len(alive) < 5

    written = lines(format, rows=rows())
    assert sum(line.count("row ") for line in written) == 50


def test_a_rehearsal_notifies_nobody(staff, admin, hub_admin):
    class Rehearsed(commands.ChangingCommand):
        def change(self, *, by, options):
            factories.license_request(membership=admin)
            return "Asked."

    out = io.StringIO()
    Rehearsed(stdout=out).handle(by=staff.username, dry_run=True)
    assert out.getvalue() == "Dry run, nothing was changed. A real run says: Asked.\n"
    assert not Order.objects.exists()
    assert not mail.outbox
    Rehearsed(stdout=out).handle(by=staff.username, dry_run=False)
    assert Order.objects.exists()
    assert mail.outbox


def test_bytes_that_are_no_utf8_are_refused_in_one_line(db):
    broken = b"su\xe9".decode(errors="surrogateescape")

    line = refusal("revoke_role", broken, "Nowhere", "teacher", "--by", broken)

    assert line == "by: this text is not UTF-8."
    assert "user: this" in refusal("revoke_role", broken, "Nowhere", "teacher", "--by", "x")
