"""What the tests of management commands share."""

import io

from django.core.management import CommandError, call_command
from django.db import connection


def run(*argv):
    """Run a command as typed; return what it wrote to standard output."""
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


TABLES = (
    "accounts_user",
    "accounts_organization",
    "accounts_membership",
    "accounts_notice",
    "licenses_order",
    "licenses_orderproduct",
    "licenses_teachercode",
    "licenses_enrolment",
    "activation_codes_activationcode",
    "activation_codes_codebatch",
    "activation_codes_codesettings",
    "renewals_renewalrequest",
    "django_tasks_database_dbtaskresult",
)


def contents():
    """All rows that commands may change, to see that one changed nothing."""
    rows = {}
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"SELECT row_to_json(t)::text FROM {table} t ORDER BY 1")
            rows[table] = cursor.fetchall()
    return rows
