"""manage.py backup"""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from jasper_inventory.lib.commands import ServiceCommand, one_line_errors
from jasper_inventory.support.backups import write_backup


class Command(ServiceCommand):
    help = (
        "Write a backup of the whole database: a dump, encrypted for BACKUP_RECIPIENT if that is "
        "set, and a small file with the number of rows of each table, which restore compares. The "
        "site can be used meanwhile."
    )
    example = "--into /var/backups/inventory"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--into", required=True, metavar="FOLDER", type=Path, help="the folder of the files"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        with one_line_errors():
            path, facts = write_backup(options["into"])
        rows = sum(facts.rows.values())
        how = "encrypted" if settings.BACKUP_RECIPIENT else "not encrypted"
        self.stdout.write(f"{path}: {rows:,} rows of {len(facts.rows)} tables, {how}.")
