"""The background queue: priorities, retries, and what the queue's state is.

A task may run twice: after an error, or if its worker died before the task's end was recorded.
`jasper_inventory/jobs/` has the worker.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from django.apps import apps
from django.conf import settings
from django.db import connection
from django_tasks import DEFAULT_TASK_BACKEND_ALIAS, task_backends
from django_tasks.backends.dummy import DummyBackend
from django_tasks.base import Task
from django_tasks_db import DatabaseBackend
from django_tasks_db.models import DBTaskResult, get_date_max

Argument = TypeVar("Argument")

# Emails that someone waits for to sign in are sent before all others.
SIGN_IN = 50
# Work of minutes, which a worker does beside its other tasks, so that nothing waits for it.
LONG = -50

# Seconds until each retry of a task that failed. After the last one it is set aside.
RETRY_SECONDS = (5, 60, 300, 900, 3600, 10_800, 43_200, 86_400)
# Someone watches the progress of long work, and can start it again.
RETRY_SECONDS_LONG = (5, 60, 300)


def retry_seconds(priority: int) -> tuple[int, ...]:
    """Return the seconds until each retry of a task with this priority."""
    return RETRY_SECONDS_LONG if priority <= LONG else RETRY_SECONDS


# What happens to a task that isn't done.
SET_ASIDE, DISCARDED = "set aside", "discarded"
# Functions that clean up then, by the event and the task's path.
_cleaning: dict[tuple[str, str], Callable[..., object]] = {}


def when(event: str, task: Task[Any, None]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Decorate a function that takes a task's arguments, and is called when this happens to it.

    It runs in the transaction that sets the task aside or discards it.
    """

    def remember(function: Callable[..., None]) -> Callable[..., None]:
        _cleaning[event, task.module_path] = function
        return function

    return remember


def clean_up_after(event: str, task_path: str, args_kwargs: dict[str, Any]) -> None:
    """Call what `when` decorated for an event and a task."""
    if function := _cleaning.get((event, task_path)):
        function(*args_kwargs["args"], **args_kwargs["kwargs"])


@contextmanager
def tasks_dropped() -> Iterator[None]:
    """Discard tasks that this thread queues meanwhile (dry runs, demo data)."""
    kept = task_backends[DEFAULT_TASK_BACKEND_ALIAS]
    task_backends[DEFAULT_TASK_BACKEND_ALIAS] = DummyBackend(DEFAULT_TASK_BACKEND_ALIAS, {})
    try:
        yield
    finally:
        task_backends[DEFAULT_TASK_BACKEND_ALIAS] = kept


def enqueue_each(task: Task[[Argument], None], arguments: Iterable[Argument]) -> None:
    """Queue a task for each of the arguments; the database's queue takes all with one statement."""
    if not isinstance(task.get_backend(), DatabaseBackend):
        for argument in arguments:
            task.enqueue(argument)
        return
    DBTaskResult.objects.bulk_create(
        DBTaskResult(
            args_kwargs={"args": [argument], "kwargs": {}},
            priority=task.priority,
            task_path=task.module_path,
            queue_name=task.queue_name,
            run_after=task.run_after or get_date_max(),
            backend_name=task.backend,
        )
        for argument in arguments
    )


@dataclass(frozen=True)
class QueueState:
    """What health checks, metrics and the admin show of the queue. Ages are in seconds."""

    # Tasks that could run now but wait for a worker, and the time that the oldest has waited.
    depth: int
    oldest_waiting: float | None
    # Tasks that run later: retries, mostly.
    later: int
    running: int
    # Tasks that were set aside after their last retry.
    failed: int
    # Workers that gave a sign of life within QUEUE_LEASE_SECONDS.
    workers: int
    # Emails that are to be sent, and the age of the oldest.
    unsent_emails: int
    oldest_unsent_email: float | None
    # The start of the last finished run of the daily alerts, and its age.
    last_alerts_at: datetime | None
    last_alerts: float | None


def queue_state() -> QueueState:
    """Return the state of the queue, of the emails and of the daily alerts, with one query."""
    with connection.cursor() as cursor:
        cursor.execute(
            _STATE.format(
                job=DBTaskResult._meta.db_table,
                # Apps above this package have these; their names are all that is needed of them.
                worker=apps.get_model("jobs.Worker")._meta.db_table,
                notice=apps.get_model("accounts.Notice")._meta.db_table,
                run=apps.get_model("licenses.AlertRun")._meta.db_table,
            ),
            {"never": get_date_max(), "lease": settings.QUEUE_LEASE_SECONDS},
        )
        return QueueState(*cursor.fetchone())


_STATE = """
WITH job AS (
    SELECT
        count(*) FILTER (WHERE status = 'READY' AND is_due) AS depth,
        extract(epoch FROM statement_timestamp()
            - min(since) FILTER (WHERE status = 'READY' AND is_due)) AS oldest,
        count(*) FILTER (WHERE status = 'READY' AND NOT is_due) AS later,
        count(*) FILTER (WHERE status = 'RUNNING') AS running,
        count(*) FILTER (WHERE status = 'FAILED') AS failed
    FROM (
        SELECT status, run_after = %(never)s OR run_after <= statement_timestamp() AS is_due,
            CASE WHEN run_after = %(never)s THEN enqueued_at ELSE run_after END AS since
        FROM {job} WHERE status IN ('READY', 'RUNNING', 'FAILED')
    ) AS unfinished
), email AS (
    SELECT count(*) AS unsent, extract(epoch FROM statement_timestamp() - min(created_at)) AS oldest
    FROM {notice} WHERE sent_at IS NULL AND given_up_at IS NULL
), alerts AS (
    SELECT max(started_at) AS at FROM {run} WHERE finished_at IS NOT NULL
)
SELECT depth, job.oldest::float, later, running, failed,
    (SELECT count(*) FROM {worker}
        WHERE seen_at > statement_timestamp() - make_interval(secs => %(lease)s)),
    unsent, email.oldest::float,
    alerts.at, extract(epoch FROM statement_timestamp() - alerts.at)::float
FROM job, email, alerts
"""
