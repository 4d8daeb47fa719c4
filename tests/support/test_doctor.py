"""doctor says what an installation lacks, and what to do about it."""

import json
import socket
from datetime import timedelta

import pytest
from django.core.checks import run_checks
from django.core.management import CommandError, call_command
from django.utils import timezone

from jasper_inventory.lib import postgres_version
from jasper_inventory.support import doctor
from licenses.models import AlertRun
from tests import sites


def findings(capsys):
    """The report: {check: (state, found, advice)}."""
    try:
        call_command("doctor", "--format", "json")
    except CommandError as error:
        assert str(error).endswith(("1 error.", "errors."))
    rows = json.loads(capsys.readouterr().out)
    return {row["check"]: (row["state"], row["found"], row["advice"]) for row in rows}


@pytest.fixture
def alerted(db):
    return AlertRun.objects.create(finished_at=timezone.now())


def test_what_is_in_order_is_listed_too(alerted, capsys):
    found = findings(capsys)

    assert {"Python", "PostgreSQL", "clock", "extension", "migrations", "cache"} <= {
        check for check, (state, *_rest) in found.items() if state == "ok"
    }
    assert found["alerts"][0] == "ok"


def test_each_problem_has_advice(alerted, capsys, settings, tmp_path, monkeypatch):
    (tmp_path / "key").write_text("secret")
    (tmp_path / "key").chmod(0o644)
    settings.SECRET_FILES = [str(tmp_path / "key")]
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = closed.getsockname()
        monkeypatch.setattr(postgres_version, "OLDEST", 99)
        monkeypatch.setattr(doctor, "EXTENSIONS", ("no_such",))
        monkeypatch.setattr(doctor, "LARGEST_DIFFERENCE", timedelta(0))
        AlertRun.objects.update(started_at=timezone.now() - timedelta(days=3))
        found = findings(capsys)

    wrong = {"secrets", "email", "PostgreSQL", "extension", "clock", "queue", "alerts"}
    assert {check for check, (state, *_rest) in found.items() if state == "error"} == wrong
    assert all(found[check][2] for check in wrong)
    assert found["secrets"][2] == f"chmod o-rwx {tmp_path}/key"


def test_a_migration_that_is_missing_is_an_error(db, capsys, monkeypatch):
    monkeypatch.setattr(doctor, "pending_migrations", lambda: ["one"])

    assert findings(capsys)["migrations"] == (
        "error",
        "1 wasn't applied.",
        "Run manage.py migrate.",
    )


def test_without_a_database_it_says_so_in_one_line():
    environment = sites.environment("postgres://nobody@127.0.0.1:1/none")

    with pytest.raises(AssertionError, match="1 error"):
        sites.manage(environment, "doctor")


def test_migrate_refuses_a_server_that_is_too_old(db, monkeypatch):
    assert run_checks(databases=["default"], tags=["database"]) == []

    monkeypatch.setattr(postgres_version, "OLDEST", 99)
    [error] = run_checks(databases=["default"], tags=["database"])
    assert error.is_serious() and "is too old" in error.msg
