"""manage.py explain_code"""

import sys
from typing import Any

from django.core.management import CommandError
from django.core.management.base import CommandParser
from django.utils import timezone

from jasper_inventory.inventory.diagnostics import explain_code
from jasper_inventory.lib.commands import (
    ServiceCommand,
    add_format,
    find_user,
    one_line_errors,
    write_rows,
)
from jasper_inventory.support.lookups import record_lookup
from licenses.checks import Rule
from licenses.models import Order

COLUMNS = ("check", "passed", "why", "next_step", "who_can_do_it")


class Command(ServiceCommand):
    help = (
        "Troubleshoot an activation code, a teacher code or a group key. Lists the checks in "
        "order, each passed or failed, with the next step and who can do it. The exit code is 1 "
        "if a check fails. Changes nothing."
    )
    example = "SALES-1124-0817 --user kim.williams"

    def add_arguments(self, parser: CommandParser) -> None:
        add_format(parser)
        parser.add_argument(
            "--user", metavar="NAME", help="username or email of the person who enters the code"
        )
        parser.add_argument(
            "code",
            metavar="CODE",
            help='the code; "-" reads it from standard input, to keep it out of the shell history',
        )

    def handle(self, *args: Any, **options: Any) -> None:
        with one_line_errors():
            user = find_user(options["user"], only_reads=True) if options["user"] else None
        typed = sys.stdin.readline() if options["code"] == "-" else options["code"]
        explained = explain_code(
            typed, orders=Order.objects.all(), today=timezone.localdate(), user=user
        )
        record_lookup({user.pk} if user else set())
        rows = [_row(rule) for rule in explained.rules]
        write_rows(self.stdout.write, options["format"], columns=COLUMNS, rows=rows)
        if explained.first_failed:
            raise CommandError(str(explained.first_failed.why))


def _row(rule: Rule) -> dict[str, str]:
    failed = not rule.passed
    return {
        "check": str(rule.name),
        "passed": "no" if failed else "yes",
        "why": str(rule.why) if failed else "",
        "next_step": str(rule.step) if failed else "",
        "who_can_do_it": str(rule.who) if failed else "",
    }
