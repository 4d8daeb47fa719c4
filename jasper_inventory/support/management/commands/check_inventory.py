"""manage.py check_inventory"""

from typing import Any

from django.core.management import CommandError
from django.core.management.base import CommandParser

from jasper_inventory.lib.commands import (
    ServiceCommand,
    add_format,
    find_actor,
    one_line_errors,
    write_rows,
)
from jasper_inventory.support.integrity import COLUMNS, differences, repair


class Command(ServiceCommand):
    help = (
        "Recount each order's enrolled students, allocated seats and codes, created codes and "
        "suspended parent orders, and each code's uses; print every counter that differs. The "
        "exit code is 1 if a counter differs; with --fix, if one could not be repaired."
    )
    example = "--fix --by sue.wong"

    def add_arguments(self, parser: CommandParser) -> None:
        add_format(parser)
        parser.add_argument(
            "--fix",
            action="store_true",
            help="set the counters to the recounted numbers; needs --by",
        )
        parser.add_argument(
            "--by", metavar="USER", help="username or email of the CCI staff member who repairs"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["fix"] and not options["by"]:
            raise CommandError("--fix needs --by USER, because the history names who repaired.")
        with one_line_errors():
            found = repair(by=find_actor(options["by"])) if options["fix"] else differences()
        if found or options["format"] != "table":
            rows = [{column: getattr(each, column) for column in COLUMNS} for each in found]
            write_rows(self.stdout.write, options["format"], columns=COLUMNS, rows=rows)
        else:
            self.stdout.write("All counters are correct.")
        left = sum(not each.repaired for each in found)
        if left:
            raise CommandError(
                "1 counter is wrong." if left == 1 else f"{left} counters are wrong."
            )
