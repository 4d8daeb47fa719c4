"""manage.py find_code"""

import sys

from activation_codes.lookups import COLUMNS, found_rows, why_not_found
from jasper_inventory.lib.commands import ServiceCommand, add_format, one_line_errors, write_rows
from jasper_inventory.lib.exceptions import DomainError


class Command(ServiceCommand):
    help = (
        "Find whose an activation code or a teacher code is: the order, its status, who holds it "
        "and who redeemed the code. Case, spaces and hyphens don't matter. A code that can't be "
        "found is told as a typing error or as unknown, and the exit code is 1."
    )
    example = "SALES-1124-0817"

    def add_arguments(self, parser):
        add_format(parser)
        parser.add_argument(
            "code",
            metavar="CODE",
            help='the code; "-" reads it from standard input, so that no shell keeps it',
        )

    def handle(self, *args, **options):
        typed = sys.stdin.readline() if options["code"] == "-" else options["code"]
        with one_line_errors():
            rows = found_rows(typed)
            if not rows:
                raise DomainError(why_not_found(typed))
        write_rows(self.stdout.write, options["format"], columns=COLUMNS, rows=rows)
