"""What CCI staff do about jobs that were not done."""

from contextlib import suppress

from django.db import transaction
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django_tasks import TaskResultStatus

from jasper_inventory.jobs.models import AS_NEW, Job
from jasper_inventory.lib.exceptions import DomainError
from jasper_inventory.lib.tasks import DISCARDED, clean_up_after


def retry_job(job: Job) -> None:
    """Run a job now that was set aside or waits for its next attempt, with all attempts again."""
    waiting = [TaskResultStatus.FAILED, TaskResultStatus.READY]
    if not Job.objects.filter(pk=job.pk, status__in=waiting).update(**AS_NEW):
        raise DomainError(_("It is running, or it was done or discarded in the meantime."))


def discard_job(job: Job) -> None:
    """Delete a job that was set aside, so that it is never done; raise DomainError otherwise."""
    # What cleans up after a task is in the task's module.
    with suppress(ImportError):
        import_string(job.task_path)
    with transaction.atomic():
        deleted, _per_model = Job.objects.filter(pk=job.pk, status=TaskResultStatus.FAILED).delete()
        if not deleted:
            raise DomainError(_("Only a job that was set aside can be discarded."))
        clean_up_after(DISCARDED, job.task_path, job.args_kwargs)
