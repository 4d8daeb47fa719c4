"""manage.py restore"""

from pathlib import Path
from typing import Any

from django.core.management import CommandError, call_command
from django.core.management.base import CommandParser

from jasper_inventory.lib.commands import ServiceCommand, one_line_errors
from jasper_inventory.support.backups import restore_backup
from jasper_inventory.support.integrity import differences
from jasper_inventory.support.migration_state import pending_migrations


class Command(ServiceCommand):
    help = (
        "Restore a backup into the empty database of DATABASE_URL, and check the result: the "
        "number of rows of each table, the next order number, and what check_inventory checks. The "
        "exit code is 1 if anything differs."
    )
    example = "/var/backups/inventory/inventory-20261130T020000Z.dump.age --identity key.txt"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="the dump that backup wrote")
        parser.add_argument(
            "--identity",
            default="",
            metavar="FILE",
            help="the private key of a dump that was encrypted with age",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        with one_line_errors():
            facts = restore_backup(options["file"], options["identity"])
        rows = sum(facts.rows.values())
        self.stdout.write(
            f"Restored {rows:,} rows of {len(facts.rows)} tables, as the backup of "
            f"{facts.taken_at} has them. "
            f"The next order number is {facts.next_order_number}."
        )
        if pending_migrations():
            self.stdout.write("It is of an earlier version: run migrate, then check_inventory.")
        elif differences():
            call_command("check_inventory", stdout=self.stdout)
            raise CommandError("The restored data differ from themselves; see above.")
        else:
            self.stdout.write("All counters are correct.")
