"""Migrations since the last release keep what its processes need (docs/developers.md)."""

import io
import re

import pytest
from django.core.management import call_command
from django.db.migrations.loader import MigrationLoader
from django_migration_linter import MigrationLinter
from django_migration_linter.sql_analyser import analyse_sql_statements

# The last migration of each app in the release whose demo is in tests/upgrade/.
RELEASED = {"accounts": 6, "licenses": 12, "activation_codes": 8, "renewals": 3}
# What the linter warns of, and does no harm there: a longer varchar changes no row.
HARMLESS = {("accounts", "0009_sessions"): ["ALTER_COLUMN"]}
# Tables on which making an index takes minutes, and what follows the name of their history.
LARGE = (
    "licenses_order",
    "licenses_enrollment",
    "activation_codes_activationcode",
    "activation_codes_redemption",
    "accounts_user",
)


def since_the_release():
    """The names of our migrations after the last release: (app, name)."""
    loader = MigrationLoader(None)
    return sorted(
        (app, name)
        for app, name in loader.disk_migrations
        if app in RELEASED and int(name[:4]) > RELEASED[app]
    )


NEW = since_the_release()
# Without new ones, the rules are tried on the last released one, which keeps them too.
SHOWN = NEW or [("renewals", "0002_indexes_of_the_admin")]


@pytest.mark.parametrize(("app", "name"), SHOWN)
def test_a_new_migration_keeps_what_the_last_release_reads_and_writes(db, app, name, capsys):
    linter = MigrationLinter(
        include_apps=[app],
        include_name=[name],
        exclude_migration_tests=HARMLESS.get((app, name), []),
        no_cache=True,
    )
    linter.lint_all_migrations()

    assert linter.nb_total - linter.nb_ignored == 1
    assert not linter.has_errors, capsys.readouterr().out


@pytest.mark.parametrize(("app", "name"), SHOWN)
def test_a_new_migration_makes_indexes_of_large_tables_concurrently(db, app, name):
    statements = sql_of(app, name)
    locking = [
        line
        for line in statements.splitlines()
        if (match := re.match(r'CREATE (?:UNIQUE )?INDEX "?\w+"? ON "(\w+)"', line))
        and match[1].removesuffix("event") in LARGE
    ]

    assert locking == []


def sql_of(app, name):
    out = io.StringIO()
    call_command("sqlmigrate", app, name, stdout=out)
    return out.getvalue()


def test_the_linter_finds_a_column_that_the_last_release_would_not_write(db):
    linter = MigrationLinter(no_cache=True, no_output=True)
    added = ['ALTER TABLE "licenses_order" ADD COLUMN "x" integer NOT NULL;']
    found, _ignored, _warnings = analyse_sql_statements(linter.sql_analyser_class, added, [])

    assert [each.code for each in found] == ["NOT_NULL"]
