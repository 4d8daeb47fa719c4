"""manage.py inventory_report"""

from itertools import chain
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from jasper_inventory.accounts.management.arguments import ORGANIZATION_HELP, find_organization
from jasper_inventory.lib.commands import ServiceCommand, add_format, one_line_errors, write_rows
from jasper_inventory.support.reports import REPORT_COLUMNS, report_rows


class Command(ServiceCommand):
    help = (
        "Count the inventory by organization, inventory type and order status: orders, seats, "
        "orders with unlimited seats, seats taken by students or allocated, free seats, and "
        "orders in force that end within 30, 60 and 90 days."
    )
    example = '--organization "Tolano Adventures" --format json'

    def add_arguments(self, parser: CommandParser) -> None:
        add_format(parser)
        parser.add_argument(
            "--organization",
            metavar="ORGANIZATION",
            help=f"only this one and its sub-organizations: {ORGANIZATION_HELP}",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        with one_line_errors():
            name = options["organization"]
            top = find_organization(name) if name else None
        rows = report_rows(today=timezone.localdate(), top=top)
        first = next(rows, None)
        if first is None and options["format"] == "table":
            self.stdout.write("There are no orders.")
            return
        rows = chain([] if first is None else [first], rows)
        write_rows(self.stdout.write, options["format"], columns=REPORT_COLUMNS, rows=rows)
