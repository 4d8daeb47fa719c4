"""The queue worker, which outlives a restart of the database."""

import signal
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
            if _is_told_to_stop():
                return None
            # A signal to stop ends the command here: the worker has set its handlers.
            time.sleep(RETRY_SECONDS)
            # Only its first start is delayed.
            options["startup_delay"] = False


def _is_told_to_stop() -> bool:
    """Whether a signal came while a task ran in the worker that has just lost the database.

    Such a worker notes it and goes on; its handler is the one that is set.
    """
    worker = getattr(signal.getsignal(signal.SIGTERM), "__self__", None)
    return isinstance(worker, db_worker.Worker) and not worker.running
