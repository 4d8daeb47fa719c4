"""The queue worker, which outlives a restart of the database."""

import time
from typing import Any

from django.db import InterfaceError, OperationalError, connections
from django_tasks_db.management.commands import db_worker

RETRY_SECONDS = 1.0


class Command(db_worker.Command):
    help = (
        "Run a worker for the background queue. While the database can't be reached, it waits and "
        "then continues; with --batch it ends instead."
    )

    def handle(self, **options: Any) -> None:
        """Work until a signal comes; begin again after each loss of the database."""
        is_reported = False
        while True:
            began = time.monotonic()
            try:
                return super().handle(**options)
            except (OperationalError, InterfaceError) as error:
                if options["batch"]:
                    raise
                connections.close_all()
                # An outage is one line, whatever its length.
                if not is_reported or time.monotonic() - began > 10 * RETRY_SECONDS:
                    reason = str(error).strip().splitlines()[0]
                    self.stderr.write(f"The database can't be used, waiting for it: {reason}")
                is_reported = True
            # A signal to stop still ends the command here: the worker has set its handlers.
            time.sleep(RETRY_SECONDS)
            # Only its first start is delayed.
            options["startup_delay"] = False
