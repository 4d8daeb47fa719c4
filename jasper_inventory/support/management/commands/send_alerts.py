"""manage.py send_alerts"""

from datetime import timedelta
from typing import Any

from django.core.management import CommandError
from django.core.management.base import CommandParser
from django.db import transaction
from django.utils import timezone

from jasper_inventory.lib.commands import ServiceCommand
from jasper_inventory.lib.tasks import tasks_dropped
from licenses.models import AlertRun
from licenses.services.alerts import MARKS, send_ending_alerts

# Daily runs may start a little late. If the last one is older than this, a run was missed.
LATE = timedelta(hours=25)
DAYS = ", ".join(str(days) for days in reversed(MARKS[1:])) + f" or {MARKS[0]}"


class Command(ServiceCommand):
    help = (
        f"Notify administrators of licenses that end in {DAYS} days. The workers run it every "
        "day. You can run it again: each alert is sent once per license and number of days. "
        "--status shows the last run; the exit code is 1 if it was over 25 hours ago or was "
        "interrupted."
    )
    example = "--status"

    def add_arguments(self, parser: CommandParser) -> None:
        only = parser.add_mutually_exclusive_group()
        only.add_argument(
            "--status", action="store_true", help="show when it last ran, and its result"
        )
        only.add_argument(
            "--dry-run",
            action="store_true",
            help="show how many alerts would be sent, without sending any",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["status"]:
            self.stdout.write(_status())
            return
        if options["dry_run"]:
            with tasks_dropped(), transaction.atomic():
                line = _counted(send_ending_alerts())
                transaction.set_rollback(True)
            self.stdout.write(f"Dry run, nothing was changed. A real run says: {line}")
            return
        self.stdout.write(_counted(send_ending_alerts()))


def _counted(run: AlertRun) -> str:
    return f"Licenses that end within {max(MARKS)} days: {run.orders}. Alerts raised: {run.alerts}."


def _status() -> str:
    """Return a line about the last run; raise CommandError if it failed or is overdue."""
    run = AlertRun.objects.first()
    if run is None:
        raise CommandError("send_alerts has never run.")
    started = timezone.localtime(run.started_at)
    if run.finished_at is None:
        raise CommandError(f"The run of {started:%Y-%m-%d %H:%M} did not finish.")
    if timezone.now() - run.started_at > LATE:
        raise CommandError(f"The last run was on {started:%Y-%m-%d %H:%M}; it should run daily.")
    return f"Run of {started:%Y-%m-%d %H:%M}: {_counted(run)}"
