"""A queue worker that survives restarts of the database."""

import signal
import time
from typing import Any

from django.db import InterfaceError, OperationalError, connections
from django_tasks_db.management.commands import db_worker

RETRY_SECONDS = 1.0


class Command(db_worker.Command):
    help = (
        "Run a worker for the background queue. If the database can't be reached, the worker waits "
        "and then continues; with --batch it stops."
    )

    def handle(self, **options: Any) -> None:
        """Work until a signal arrives; restart each time the database was lost."""
        is_reported = False
        while True:
            began = time.monotonic()
            try:
                return super().handle(**options)
            except (OperationalError, InterfaceError) as error:
                if options["batch"]:
                    raise
                connections.close_all()
                # Report each outage only once, however long it lasts.
                if not is_reported or time.monotonic() - began > 10 * RETRY_SECONDS:
                    reason = str(error).strip().splitlines()[0]
                    self.stderr.write(f"The database can't be used, waiting for it: {reason}")
                is_reported = True
            if _should_stop():
                return None
            # The worker's signal handlers end the command here.
            time.sleep(RETRY_SECONDS)
            # Only the first start is delayed.
            options["startup_delay"] = False


def _should_stop() -> bool:
    """Return whether a signal arrived during a task of the worker that just lost the database.

    The worker's handler, which is still set, only notes the signal.
    """
    worker = getattr(signal.getsignal(signal.SIGTERM), "__self__", None)
    return isinstance(worker, db_worker.Worker) and not worker.running
