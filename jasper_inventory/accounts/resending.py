"""Notices that weren't sent and tasks that were broken off, put into the queue again."""

from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from jasper_inventory.accounts.emails import deliver_notice
from jasper_inventory.accounts.models import Notice


def resend(*, minutes: int, with_failed: bool = False) -> tuple[int, int]:
    """Queue again what should have been done `minutes` ago; return (notices, tasks).

    A task still marked as running after so long was broken off with its worker, and no other
    worker would take it; those that failed only where asked for, since most would fail again.
    All our tasks can run twice. A notice is queued unless a try of it waits in the queue already.
    """
    limit = timezone.now() - timedelta(minutes=minutes)
    stuck = Q(status=TaskResultStatus.RUNNING, started_at__lt=limit)
    if with_failed:
        stuck |= Q(status=TaskResultStatus.FAILED, finished_at__lt=limit)
    with transaction.atomic():
        broken = DBTaskResult.objects.filter(stuck).update(
            status=TaskResultStatus.READY,
            started_at=None,
            finished_at=None,
            exception_class_path="",
            traceback="",
        )
        waiting = DBTaskResult.objects.filter(
            task_path=deliver_notice.module_path,
            status__in=[TaskResultStatus.READY, TaskResultStatus.RUNNING],
        ).values_list("args_kwargs__args__0", flat=True)
        unsent = Notice.objects.unsent().filter(created_at__lt=limit)
        late = unsent.exclude(pk__in=list(waiting)).order_by("pk").values_list("pk", flat=True)
        for pk in late:
            deliver_notice.enqueue(pk)
        return len(late), broken
