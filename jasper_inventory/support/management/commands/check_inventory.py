"""manage.py check_inventory"""

from django.core.management import CommandError

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
        "Count every order's enrolled students, places and codes given on, codes created and "
        "suspended sources, and every code's uses, from the rows they come from; print each "
        "counter that differs. The exit code is 1 where one differs, and after --fix where one "
        "still does."
    )
    example = "--fix --by sue.wong"

    def add_arguments(self, parser):
        add_format(parser)
        parser.add_argument(
            "--fix", action="store_true", help="set the counters to what was counted; needs --by"
        )
        parser.add_argument(
            "--by", metavar="USER", help="who repairs: CCI staff, by username or email"
        )

    def handle(self, *args, **options):
        if options["fix"] and not options["by"]:
            raise CommandError("--fix needs --by USER: the history names who repaired.")
        with one_line_errors():
            found = repair(by=find_actor(options["by"])) if options["fix"] else differences()
        if found or options["format"] != "table":
            rows = [{column: getattr(each, column) for column in COLUMNS} for each in found]
            write_rows(self.stdout.write, options["format"], columns=COLUMNS, rows=rows)
        else:
            self.stdout.write("All counters are right.")
        left = sum(not each.repaired for each in found)
        if left:
            raise CommandError(f"{left} counter(s) are not what their rows say.")
