"""A worker: a process that does the queue's jobs, and starts the schedules.

It has two threads for jobs, one of them only for long work, so that no email waits for that. The
main thread reports that the worker is alive, takes up jobs of others that no longer do, and starts
schedules.
"""

import logging
import os
import secrets
import signal
import socket
import threading
import time
from collections.abc import Callable
from typing import Any, ClassVar

from django.conf import settings
from django.db import Error as DatabaseFault
from django.db import close_old_connections, connections, transaction
from django.db.models import Q
from django.db.models.functions import Now
from django_tasks.signals import task_finished, task_started

from jasper_inventory.jobs.models import Job, Worker, WorkerLost
from jasper_inventory.jobs.schedules import start_due
from jasper_inventory.lib.tasks import LONG
from jasper_inventory.lib.time_limits import batch_work

logger = logging.getLogger(__name__)

# Seconds until the next try while the database is away.
AWAY_SECONDS = 1.0
# The jobs of each thread.
SHORT_JOBS, LONG_JOBS, ALL_JOBS = Q(priority__gt=LONG), Q(priority__lte=LONG), Q()
# Reports in the time of a lease.
_BEATS = 6


def take_up_abandoned() -> int:
    """Put jobs of workers that are gone back into the queue; return how many.

    Each counts as a failed attempt, so that a job that kills its workers is set aside in the end.
    """
    with transaction.atomic():
        abandoned = list(Job.objects.abandoned().select_for_update(of=("self",), skip_locked=True))
        for job in abandoned:
            assert isinstance(job, Job)
            _fail(job, WorkerLost(f"The worker {job.worker} gave no sign of life."))
    return len(abandoned)


def claim(jobs: Q, worker: str) -> Job | None:
    """Take the next job that is due, for a worker; None if there is none."""
    with transaction.atomic():
        job = Job.objects.ready().filter(jobs).get_locked()
        if job is not None:
            assert isinstance(job, Job)
            job.claim(worker)
        return job


def run(job: Job) -> BaseException | None:
    """Do a claimed job; return its error, or None. Neither is recorded yet."""
    try:
        task, result = job.task, job.task_result
        task_started.send(type(task.get_backend()), task_result=result)
        task.call(*result.args, **result.kwargs)
    except Exception as error:
        return error
    return None


def record(job: Job, error: BaseException | None) -> None:
    """Record how a job ended."""
    if error is not None:
        _fail(job, error)
    elif job.succeed():
        job.refresh_from_db()
        result = job.task_result
        task_finished.send(type(result.task.get_backend()), task_result=result)
    else:
        _lost(job)


def _fail(job: Job, error: BaseException) -> None:
    # Not the error's text, which may contain an address.
    name = type(error).__qualname__
    delay = job.fail(error)
    if delay is None:
        logger.error(
            "Job %s (%s) was set aside after %d attempts: %s",
            *(job.pk, job.task_path, job.attempts, name),
            exc_info=error,
        )
    elif delay < 0:
        _lost(job)
    else:
        logger.warning(
            "Job %s (%s) failed, attempt %d; the next is in %d seconds: %s",
            *(job.pk, job.task_path, job.attempts, delay, name),
        )


def _lost(job: Job) -> None:
    logger.warning("Job %s (%s) was taken up by another worker.", job.pk, job.task_path)


class WorkerProcess:
    """The worker of this process, which runs until a signal arrives or the queue is empty."""

    signals: ClassVar = (signal.SIGINT, signal.SIGTERM)

    def __init__(
        self, *, interval: float, is_batch: bool, complain: Callable[[str], object]
    ) -> None:
        self.name = f"{socket.gethostname()[:50]}-{os.getpid()}-{secrets.token_hex(4)}"
        self.interval, self.is_batch, self.complain = interval, is_batch, complain
        self.stopping = threading.Event()
        self._is_away = False
        self._reporting = threading.Lock()
        self._broken: BaseException | None = None

    def run(self) -> None:
        """Work; raise what broke a thread. In a batch, a lost database ends the work, too."""
        for number in self.signals:
            signal.signal(number, self._stop)
        try:
            # Only with a sign of life may it take jobs.
            self._patiently(self._beat)
            lanes = [ALL_JOBS] if self.is_batch else [SHORT_JOBS, LONG_JOBS]
            threads = [threading.Thread(target=self._lane, args=[q], daemon=True) for q in lanes]
            for thread in threads:
                thread.start()
            while working := [thread for thread in threads if thread.is_alive()]:
                working[0].join(settings.QUEUE_LEASE_SECONDS / _BEATS)
                self._tick()
        finally:
            self._leave()
        if self._broken is not None:
            raise self._broken

    def _stop(self, *_signal: object) -> None:
        """Finish the jobs that run, then end; at the second signal, leave them to others."""
        if self.stopping.is_set():
            self._leave()
            os._exit(1)
        self.stopping.set()

    def _lane(self, jobs: Q) -> None:
        # The limits of batch work that a command has are those of its main thread.
        with batch_work():
            self._work(jobs)

    def _work(self, jobs: Q) -> None:
        try:
            while not self.stopping.is_set():
                job = self._patiently(lambda: claim(jobs, self.name))
                if job is not None:
                    self._do(job)
                elif self.is_batch:
                    return
                else:
                    self.stopping.wait(self.interval)
        except BaseException as error:
            self._broken = error
            self.stopping.set()
        finally:
            connections.close_all()

    def _do(self, job: Job) -> None:
        error = run(job)
        if isinstance(error, DatabaseFault):
            connections.close_all()
        self._patiently(lambda: record(job, error))

    def _patiently(self, work: Callable[[], Any]) -> Any:
        """Call something that needs the database, again until it succeeds.

        Return None if the worker is to stop first; jobs are then left to other workers.
        """
        while True:
            close_old_connections()
            try:
                result = work()
            except DatabaseFault as error:
                connections.close_all()
                if self.is_batch:
                    raise
                self._report(error)
                if self.stopping.wait(AWAY_SECONDS):
                    return None
            else:
                return result

    def _report(self, error: BaseException) -> None:
        """Report an outage once, however long it lasts and however many threads see it."""
        with self._reporting:
            is_new, self._is_away = not self._is_away, True
        if is_new:
            reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
            self.complain(f"The database can't be used, waiting for it: {reason}")

    def _tick(self) -> None:
        close_old_connections()
        try:
            self._beat()
            if not self.is_batch and not self.stopping.is_set():
                take_up_abandoned()
                start_due()
        except DatabaseFault as error:
            connections.close_all()
            self._report(error)
        else:
            self._is_away = False

    def _beat(self) -> None:
        """Give a sign of life."""
        if not Worker.objects.filter(name=self.name).update(seen_at=Now()):
            Worker.objects.create(name=self.name)

    def _leave(self) -> None:
        """Say that this worker is gone, so that nobody waits for its sign of life."""
        deadline = time.monotonic() + AWAY_SECONDS
        while True:
            try:
                Worker.objects.filter(name=self.name).delete()
                return
            except DatabaseFault:
                connections.close_all()
                if time.monotonic() > deadline:
                    return
