"""The background queue."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from django_tasks import DEFAULT_TASK_BACKEND_ALIAS, task_backends
from django_tasks.backends.dummy import DummyBackend
from django_tasks.base import Task
from django_tasks_db import DatabaseBackend
from django_tasks_db.models import DBTaskResult, get_date_max

Argument = TypeVar("Argument")


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
