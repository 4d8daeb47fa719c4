"""Daily schedules, which the workers start: each once, however many workers run.

A time that was missed while no worker ran is caught up, once for all missed days.
"""

from datetime import datetime, time, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string
from django_tasks import task

from jasper_inventory.jobs.models import ScheduledRun
from jasper_inventory.lib.tasks import LONG


def start_due() -> None:
    """Queue the schedules whose time has come, unless another worker did so before."""
    last = dict(
        ScheduledRun.objects.order_by("schedule", "-due_at")
        .distinct("schedule")
        .values_list("schedule", "due_at")
    )
    for name, (_function, at) in settings.SCHEDULES.items():
        due = last_due(at, timezone.localtime())
        if name not in last or last[name] < due:
            with transaction.atomic():
                run, is_new = ScheduledRun.objects.get_or_create(schedule=name, due_at=due)
                if is_new:
                    run_schedule.enqueue(run.pk)


def last_due(at: str, now: datetime) -> datetime:
    """Return when a schedule was due last, by its time of day ("06:00") in the site's time zone."""
    due = datetime.combine(now.date(), time.fromisoformat(at), now.tzinfo)
    return due if due <= now else _day_before(due)


def _day_before(due: datetime) -> datetime:
    # Of the same clock time: a day of that may have 23 or 25 hours.
    return due - timedelta(days=1)


@task(priority=LONG)
def run_schedule(run_pk: int) -> None:
    """Do what a schedule is for, and record its result. Safe to run twice."""
    run = ScheduledRun.objects.filter(pk=run_pk, finished_at=None).first()
    if run is None or run.schedule not in settings.SCHEDULES:
        return
    run.started_at = timezone.now()
    run.save(update_fields=["started_at"])
    function = import_string(settings.SCHEDULES[run.schedule][0])
    run.result = function()[:250]
    run.finished_at = timezone.now()
    run.save(update_fields=["finished_at", "result"])
