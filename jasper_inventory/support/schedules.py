"""What the workers do every day: see `SCHEDULES` in the settings. Each returns a line about it."""

from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.core.management import call_command
from django.utils import timezone

from activation_codes.services.workbooks import drop_unused_workbooks
from jasper_inventory.accounts.email_delivery import drop_old_texts
from jasper_inventory.accounts.services.list_exports import drop_old_exports
from jasper_inventory.accounts.services.submissions import drop_old_submissions
from jasper_inventory.jobs.models import Job, ScheduledRun, Worker
from licenses.services.alerts import send_ending_alerts
from licenses.services.totals import add_up_changes


def send_alerts() -> str:
    """Notify administrators of licenses that end soon."""
    run = send_ending_alerts()
    return f"Licenses that end soon: {run.orders}. Alerts raised: {run.alerts}."


def clean_up() -> str:
    """Delete what is no longer needed; one part that fails doesn't keep the others from it."""
    problems = []
    for part in CLEANING:
        try:
            part()
        except Exception as error:
            problems.append(error)
    if problems:
        raise ExceptionGroup("Parts of the clean-up failed.", problems)
    return f"Parts done: {len(CLEANING)}."


def end_expired_sessions() -> None:
    """Delete expired sessions."""
    call_command("clearsessions")


def drop_old_jobs() -> None:
    """Delete records of jobs that were done, of scheduled runs, and of workers that are gone.

    Failed jobs stay until someone retries or discards them.
    """
    limit = timezone.now() - timedelta(days=settings.JOB_DAYS)
    Job.objects.successful().filter(finished_at__lt=limit).delete()
    # The last run of each schedule tells when it was due.
    last = ScheduledRun.objects.order_by("schedule", "-due_at").distinct("schedule")
    old = ScheduledRun.objects.filter(due_at__lt=limit)
    old.exclude(pk__in=list(last.values_list("pk", flat=True))).delete()
    Worker.objects.filter(seen_at__lt=limit).delete()


CLEANING: tuple[Callable[[], object], ...] = (
    end_expired_sessions,
    drop_old_jobs,
    drop_old_texts,
    drop_old_submissions,
    drop_unused_workbooks,
    drop_old_exports,
    add_up_changes,
)
