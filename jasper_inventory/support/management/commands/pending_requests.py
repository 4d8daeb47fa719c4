"""manage.py pending_requests"""

from typing import Any

from django.core.management.base import CommandParser

from jasper_inventory.accounts.management.arguments import ORGANIZATION_HELP, find_organization
from jasper_inventory.lib.commands import ServiceCommand, add_format, one_line_errors, write_rows
from jasper_inventory.support.reports import PENDING_COLUMNS, pending_rows


class Command(ServiceCommand):
    help = (
        "List pending requests for new licenses and renewals, oldest first. approve_request and "
        "reject_request take their order numbers."
    )
    example = '--to "CCI Learning" --format csv'

    def add_arguments(self, parser: CommandParser) -> None:
        add_format(parser)
        parser.add_argument(
            "--to",
            metavar="ORGANIZATION",
            help=f"only requests to this supplier: {ORGANIZATION_HELP}",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        with one_line_errors():
            to = find_organization(options["to"]) if options["to"] else None
        rows = pending_rows(to=to)
        if not rows and options["format"] == "table":
            self.stdout.write("There are no pending requests.")
            return
        write_rows(self.stdout.write, options["format"], columns=PENDING_COLUMNS, rows=rows)
