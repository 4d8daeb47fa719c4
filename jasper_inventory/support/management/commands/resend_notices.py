"""manage.py resend_notices"""

from typing import Any

from django.core.management.base import CommandParser
from django.db import transaction

from jasper_inventory.accounts.email_delivery import resend
from jasper_inventory.lib.commands import ServiceCommand, positive
from jasper_inventory.lib.tasks import tasks_dropped


class Command(ServiceCommand):
    help = (
        "Queue emails again that are still unsent after --minutes, and aren't waiting for a retry. "
        "The workers do everything else. Safe to run at any time: nothing is sent twice."
    )
    example = "--minutes 120"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--minutes",
            type=positive,
            default=60,
            help="only emails and tasks older than this (%(default)s by default)",
        )
        parser.add_argument(
            "--failed",
            action="store_true",
            help="also queue other tasks that were set aside, after you have fixed the cause",
        )
        parser.add_argument(
            "--dry-run",
            action="store_true",
            help="show what would be queued, without queuing anything",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        asked = {"minutes": options["minutes"], "with_failed": options["failed"]}
        if options["dry_run"]:
            with tasks_dropped(), transaction.atomic():
                notices, broken = resend(**asked)
                transaction.set_rollback(True)
            prefix = "Dry run, nothing was changed. A real run says: "
        else:
            notices, broken = resend(**asked)
            prefix = ""
        self.stdout.write(
            f"{prefix}{notices} unsent emails and {broken} failed tasks were queued again."
        )
