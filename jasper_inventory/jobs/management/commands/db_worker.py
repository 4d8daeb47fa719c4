"""manage.py db_worker"""

import math
from argparse import SUPPRESS, ArgumentTypeError
from typing import Any

from django.core.management.base import CommandParser

from jasper_inventory.jobs.worker import WorkerProcess
from jasper_inventory.lib.commands import ServiceCommand


def _seconds(text: str) -> float:
    number = float(text)
    if not math.isfinite(number) or number <= 0:
        raise ArgumentTypeError("must be greater than 0")
    return number


class Command(ServiceCommand):
    help = (
        "Run a worker for the background queue: it sends emails, does long work and starts the "
        "daily schedules. If the database can't be reached, it waits and then continues. At a "
        "signal, it finishes the jobs that it does; at a second one, it leaves them to other "
        "workers."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--interval",
            type=_seconds,
            default=1.0,
            help="seconds until an empty queue is looked at again (%(default)s by default)",
        )
        parser.add_argument(
            "--batch",
            action="store_true",
            help="stop when the queue is empty or the database is lost; start no schedules",
        )
        # Units and scripts of earlier versions pass these.
        for name in ("--no-reload", "--no-startup-delay"):
            parser.add_argument(name, action="store_true", help=SUPPRESS)

    def handle(self, *args: Any, **options: Any) -> None:
        WorkerProcess(
            interval=options["interval"],
            is_batch=options["batch"],
            complain=self.stderr.write,
        ).run()
