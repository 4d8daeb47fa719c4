"""Notices that weren't sent and tasks that were broken off, put into the queue again."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from jasper_inventory.accounts.models import Notice
from jasper_inventory.accounts.notifications import deliver_notice


def resend(*, minutes: int) -> tuple[int, int]:
    """Queue again what should have been done `minutes` ago; return (notices, broken tasks).

    A task still marked as running after so long was broken off with its worker, and no other
    worker would take it. All our tasks can run twice. A notice is queued unless a try of it
    waits in the queue already.
    """
    limit = timezone.now() - timedelta(minutes=minutes)
    with transaction.atomic():
        broken = DBTaskResult.objects.filter(
            status=TaskResultStatus.RUNNING, started_at__lt=limit
        ).update(status=TaskResultStatus.READY, started_at=None)
        waiting = DBTaskResult.objects.filter(
            task_path=deliver_notice.module_path,
            status__in=[TaskResultStatus.READY, TaskResultStatus.RUNNING],
        ).values_list("args_kwargs__args__0", flat=True)
        unsent = Notice.objects.unsent().filter(created_at__lt=limit)
        late = unsent.exclude(pk__in=list(waiting)).order_by("pk").values_list("pk", flat=True)
        for pk in late:
            deliver_notice.enqueue(pk)
        return len(late), broken
