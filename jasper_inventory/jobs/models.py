"""Workers, the jobs of the queue, and the daily runs of the schedules."""

import json
from datetime import timedelta
from traceback import format_exception
from typing import Any, Self

from django.conf import settings
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q
from django.db.models.fields.json import KT
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult, DBTaskResultQuerySet, get_date_max

from jasper_inventory.lib.tasks import SET_ASIDE, clean_up_after, retry_seconds


class WorkerLost(Exception):
    """The worker of the job gave no sign of life: it was killed, or its machine stopped."""


class WorkerQuerySet(models.QuerySet["Worker"]):
    def alive(self) -> Self:
        """Workers that gave a sign of life in time; by the clock of the database."""
        lease = timedelta(seconds=settings.QUEUE_LEASE_SECONDS)
        return self.filter(seen_at__gt=Now() - lease)


class Worker(models.Model):
    """A worker process. Its sign of life is the lease of all jobs that it does."""

    name = models.CharField(_("name"), max_length=80, primary_key=True)
    started_at = models.DateTimeField(_("started at"), db_default=Now())
    seen_at = models.DateTimeField(_("last sign of life"), db_default=Now())

    objects = WorkerQuerySet.as_manager()

    class Meta:
        verbose_name = _("worker")
        verbose_name_plural = _("workers")

    def __str__(self) -> str:
        return self.name


class JobQuerySet(DBTaskResultQuerySet):
    def abandoned(self) -> Self:
        """Jobs whose worker gave no sign of life in time, or has left."""
        alive = Worker.objects.alive().filter(name=OuterRef("worker"))
        running = self.filter(status=TaskResultStatus.RUNNING).alias(worker=KT("worker_ids__-1"))
        return running.filter(~Exists(alive))


class Job(DBTaskResult):  # type: ignore[type-arg]  # takes none at run time
    """A task in the queue, with its state."""

    objects = JobQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        proxy = True
        verbose_name = _("background job")
        verbose_name_plural = _("background jobs")

    def __str__(self) -> str:
        """Return its name without its arguments, which may be addresses."""
        return self.task_name

    @property
    def worker(self) -> str:
        """The worker that has it, or had it last."""
        return self.worker_ids[-1] if self.worker_ids else ""

    @property
    def attempts(self) -> int:
        return len(self.worker_ids)

    def is_still_mine(self) -> JobQuerySet:
        """Return the job as a queryset, empty if it was taken from its worker in the meantime."""
        # As a value of the column itself: a list would be looked up as an array.
        claimed = models.Value(json.dumps(self.worker_ids), output_field=models.TextField())
        return Job.objects.filter(
            pk=self.pk,
            status=TaskResultStatus.RUNNING,
            worker_ids=models.functions.Cast(claimed, models.JSONField()),
        )

    def succeed(self) -> bool:
        """Record that it is done; return False if it was taken from its worker."""
        changed = self.is_still_mine().update(
            status=TaskResultStatus.SUCCESSFUL,
            finished_at=timezone.now(),
            exception_class_path="",
            traceback="",
        )
        return bool(changed)

    def fail(self, error: BaseException) -> int | None:
        """Record an error; return the seconds until the retry, or None if the job was set aside.

        Return -1 if the job was taken from its worker.
        """
        delays = retry_seconds(self.priority)
        is_last = self.attempts > len(delays)
        now = timezone.now()
        delay = None if is_last else delays[self.attempts - 1]
        values: dict[str, Any] = {
            "exception_class_path": f"{type(error).__module__}.{type(error).__qualname__}",
            "traceback": "".join(format_exception(error)),
        }
        if delay is None:
            values |= {"status": TaskResultStatus.FAILED, "finished_at": now}
        else:
            run_after = now + timedelta(seconds=delay)
            values |= {"status": TaskResultStatus.READY, "started_at": None, "run_after": run_after}
        with transaction.atomic():
            if not self.is_still_mine().update(**values):
                return -1
            if delay is None:
                clean_up_after(SET_ASIDE, self.task_path, self.args_kwargs)
        return delay


# The values of a job that was just queued, to queue it again.
AS_NEW: dict[str, Any] = {
    "status": TaskResultStatus.READY,
    "started_at": None,
    "finished_at": None,
    "run_after": get_date_max(),
    "worker_ids": [],
    "exception_class_path": "",
    "traceback": "",
}


class ScheduledRun(models.Model):
    """One run of a daily schedule: at most one for each time at which it is due."""

    schedule = models.CharField(_("schedule"), max_length=40)
    due_at = models.DateTimeField(_("due at"))
    started_at = models.DateTimeField(_("started at"), null=True)
    finished_at = models.DateTimeField(_("finished at"), null=True)
    result = models.CharField(_("result"), max_length=250, blank=True)

    class Meta:
        verbose_name = _("scheduled run")
        verbose_name_plural = _("scheduled runs")
        ordering = ["-due_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["schedule", "due_at"], name="jobs_scheduledrun_once"),
            models.CheckConstraint(
                condition=Q(finished_at=None) | Q(started_at__isnull=False),
                name="jobs_scheduledrun_started_before_finished",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.schedule} {self.due_at:%Y-%m-%d %H:%M}"
