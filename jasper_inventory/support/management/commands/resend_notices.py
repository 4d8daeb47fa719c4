"""manage.py resend_notices"""

from django.db import transaction

from jasper_inventory.accounts.emails import resend
from jasper_inventory.lib.commands import ServiceCommand, positive
from jasper_inventory.lib.tasks import tasks_dropped


class Command(ServiceCommand):
    help = (
        "Queue again the emails that were not sent after so many minutes and have no try in the "
        "queue, and the tasks that were broken off while running. Safe to run at any time, such "
        "as every hour: nothing is sent twice."
    )
    example = "--minutes 120"

    def add_arguments(self, parser):
        parser.add_argument(
            "--minutes",
            type=positive,
            default=60,
            help="only what is older than this (%(default)s)",
        )
        parser.add_argument(
            "--failed",
            action="store_true",
            help="also the tasks that ended with an error, once its cause is gone",
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="say what would be queued; queue nothing"
        )

    def handle(self, *args, **options):
        asked = {"minutes": options["minutes"], "with_failed": options["failed"]}
        if options["dry_run"]:
            with tasks_dropped(), transaction.atomic():
                notices, broken = resend(**asked)
                transaction.set_rollback(True)
            prefix = "Dry run, nothing was changed: "
        else:
            notices, broken = resend(**asked)
            prefix = ""
        self.stdout.write(
            f"{prefix}{notices} unsent notices and {broken} broken tasks were queued again."
        )
