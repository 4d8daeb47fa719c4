"""manage.py check_inventory"""

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

from django.core.management import CommandError
from django.core.management.base import CommandParser

from jasper_inventory.lib.commands import (
    Row,
    ServiceCommand,
    add_format,
    find_actor,
    one_line_errors,
    write_rows,
)
from jasper_inventory.support.integrity import COLUMNS, Difference, each_difference, repair


class Command(ServiceCommand):
    help = (
        "Recount each order's enrolled students, allocated seats and codes, created codes and "
        "suspended parent orders, and each code's uses. Compare what the database copies with its "
        "source: names of people, branches, product mixes and purchase orders. Print everything "
        "that differs. The exit code is 1 if a counter or copy differs; with --fix, if one could "
        "not be repaired."
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
            repaired = repair(by=find_actor(options["by"])) if options["fix"] else None
        found = each_difference() if repaired is None else iter(repaired)
        first = next(found, None)
        if first is None and options["format"] == "table":
            self.stdout.write("All counters are correct.")
            return
        self.left = 0
        rows = self._rows(chain([] if first is None else [first], found))
        write_rows(self.stdout.write, options["format"], columns=COLUMNS, rows=rows)
        if self.left:
            raise CommandError(
                "1 counter is wrong." if self.left == 1 else f"{self.left} counters are wrong."
            )

    def _rows(self, found: Iterable[Difference]) -> Iterator[Row]:
        """Yield what is written of each difference, and count those that are left."""
        for each in found:
            self.left += not each.repaired
            yield {column: getattr(each, column) for column in COLUMNS}
