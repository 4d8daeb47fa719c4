"""Helpers that tests of management commands share."""

import io

from django.apps import apps
from django.core.management import CommandError, call_command, get_commands
from django.db import connection


def run(*argv):
    """Run a command as typed; return its standard output."""
    out = io.StringIO()
    call_command(*(str(word) for word in argv), stdout=out)
    return out.getvalue().strip()


def refusal(*argv):
    """Run a command that must fail; return its one line."""
    try:
        run(*argv)
    except CommandError as error:
        line = str(error)
        assert "\n" not in line
        return line
    raise AssertionError("the command was not refused")


# The site's tables, with its history and its queue.
APPS = (
    *("accounts", "licenses", "activation_codes", "renewals"),
    *("jobs", "django_tasks_database"),
)


def contents():
    """All rows that commands may change, to check that a command changed nothing.

    The activity log also has what was only read.
    """
    rows = {}
    tables = [model._meta.db_table for model in apps.get_models() if model._meta.app_label in APPS]
    # Each request is noted there, as messages are.
    tables.remove("accounts_session")
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"SELECT row_to_json(t)::text FROM {table} t ORDER BY 1")
            rows[table] = cursor.fetchall()
    rows.pop("accounts_logentry", None)
    return rows


# The commands of the project: those of support staff, of the demo, and of the queue.
OURS = sorted(
    name for name, app in get_commands().items() if str(app).startswith("jasper_inventory.")
)
