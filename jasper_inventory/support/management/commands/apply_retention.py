"""manage.py apply_retention"""

from typing import Any

from django.core.management import CommandError
from django.core.management.base import CommandParser

from jasper_inventory.lib.commands import ServiceCommand, find_actor, one_line_errors
from jasper_inventory.support.retention import outdated


class Command(ServiceCommand):
    help = (
        "Report what is kept longer than the settings of retention say: entries of the activity "
        "log, addresses of unused invitations, students whose school erased them, and, if "
        "STUDENT_DAYS is set, students without a license. With --apply, delete or erase it; this "
        "can't be undone."
    )
    example = "--apply --by sue.wong"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--dry-run",
            action="store_true",
            help="only report, which is also what happens without --apply",
        )
        parser.add_argument("--apply", action="store_true", help="delete what is reported")
        parser.add_argument(
            "--by", metavar="USER", help="username or email of the CCI staff who deletes it"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        applies = options["apply"] and not options["dry_run"]
        if applies and not options["by"]:
            raise CommandError("Add --by: the activity log names who deleted something.")
        with one_line_errors():
            by = find_actor(options["by"]) if options["by"] else None
            for one in outdated():
                kept = f"{one.what}: {one.number} older than {one.days} days"
                if applies and by is not None and one.number:
                    self.stdout.write(f"{kept}, {one.delete(by)} deleted.")
                else:
                    self.stdout.write(f"{kept}.")
        if not applies:
            self.stdout.write("Nothing was deleted. Add --apply to delete it.")
