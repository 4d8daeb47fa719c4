"""manage.py doctor"""

from typing import Any

from django.core.management import CommandError
from django.core.management.base import CommandParser

from jasper_inventory.lib.commands import ServiceCommand, add_format, write_rows
from jasper_inventory.support.doctor import ERROR, OK, examine


class Command(ServiceCommand):
    help = (
        "Check this installation: settings, versions, database, clock, static files, email, queue, "
        "permissions. Print what was found and what to do. The exit code is 1 if there is an error."
    )
    # A database that is missing or out of date is something to report, not to fail on.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        add_format(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        findings = list(examine())
        if options["format"] == "table":
            for each in findings:
                self.stdout.write(f"{each.state:8}{each.check}: {each.found}")
                if each.advice:
                    self.stdout.write(f"{'':8}-> {each.advice}")
        else:
            columns = ("state", "check", "found", "advice")
            rows = [{column: getattr(each, column) for column in columns} for each in findings]
            write_rows(self.stdout.write, options["format"], columns=columns, rows=rows)
        errors = sum(each.state == ERROR for each in findings)
        if errors:
            raise CommandError("1 error." if errors == 1 else f"{errors} errors.")
        if options["format"] == "table":
            warnings = sum(each.state != OK for each in findings)
            self.stdout.write("No error." + (f" Warnings: {warnings}." if warnings else ""))
