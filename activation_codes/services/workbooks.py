"""Downloads of codes. Large workbooks are written in the background, and kept until a code changes.

Triggers count each change (`models/workbook_triggers.py`), so a kept workbook is never outdated.
"""

import tempfile
from datetime import timedelta
from typing import IO

from django.db import connection, transaction
from django.db.models.functions import Coalesce
from django.utils import timezone
from django_tasks import task

from activation_codes.exports import write_codes
from activation_codes.models import ActivationCode, CodeWorkbook, WorkbookPart, WorkbookState
from activation_codes.models.workbook_triggers import LOCK_NAME
from activation_codes.services.codes import record_download, require_codes_order
from jasper_inventory.accounts.models import User
from jasper_inventory.accounts.models.file_parts import copy_parts, split
from jasper_inventory.lib.background import (
    MOST_AT_ONCE,
    CanceledError,
    Progress,
    drop_work,
    progress_of,
    stop_unless,
)
from jasper_inventory.lib.excel import empty_file
from jasper_inventory.lib.replica import reads_replica_now
from jasper_inventory.lib.tasks import DISCARDED, LONG, SET_ASIDE, when
from licenses.models import Order

# A workbook that nobody downloads is deleted after this time.
KEPT = timedelta(days=7)
# How often a workbook is written if a code changes each time.
_ATTEMPTS = 3
_ENDED = (WorkbookState.OUTDATED, WorkbookState.FAILED)


def is_large(order: Order) -> bool:
    """Return whether its workbook is written in the background."""
    return order.codes_created > MOST_AT_ONCE


def workbook_of(order: Order) -> CodeWorkbook | None:
    """Return the large workbook that was requested last, in any state."""
    return CodeWorkbook.objects.filter(order=order).first()


def take_workbook(*, order: Order, by: User) -> IO[bytes] | None:
    """Return the workbook of the order's codes and record its download.

    Return None if a worker must write it first: see `request_workbook`.
    """
    file = empty_file()
    if is_large(order) and not _take_missed(order):
        number = _copy_kept(order, file)
        if not number:
            file.close()
            return None
    else:
        number = _write_now(order, file)
    record_download(order=order, by=by, number_of_codes=number)
    file.seek(0)
    return file


@reads_replica_now
def _write_now(order: Order, file: IO[bytes], progress: Progress | None = None) -> int:
    """Write the workbook; return its number of codes. Safe to run twice, as the replica needs."""
    file.seek(0)
    file.truncate()
    return write_codes(order, file, progress)


def _take_missed(order: Order) -> bool:
    """Return whether codes change so often that the workbook is written in the request.

    That is so once for each workbook that became outdated before anyone downloaded it, or each
    workbook would be outdated when it is opened.
    """
    missed = CodeWorkbook.objects.filter(
        order=order, state=WorkbookState.OUTDATED, downloaded_at=None
    )
    return bool(missed.delete()[0])


def _copy_kept(order: Order, file: IO[bytes]) -> int:
    """Copy the workbook that is ready; return its number of codes, 0 if none is ready."""
    parts = WorkbookPart.objects.filter(workbook__order=order, workbook__state=WorkbookState.READY)
    number: int = copy_parts(parts, file, "workbook__number_of_codes") or 0
    if number:
        CodeWorkbook.objects.filter(order=order).update(downloaded_at=timezone.now())
    return number


def request_workbook(*, order: Order, by: User) -> CodeWorkbook:
    """Queue the writing of a large workbook, unless it is ready or someone requested it before."""
    require_codes_order(order, by)
    with transaction.atomic():
        drop_work(CodeWorkbook.objects.filter(order=order, state__in=_ENDED))
        workbook, is_new = CodeWorkbook.objects.get_or_create(
            order=order,
            defaults={
                "number_of_codes": ActivationCode.objects.filter(order=order).downloaded().count(),
                "requested_by": by,
            },
        )
        if is_new:
            write_workbook.enqueue(workbook.pk)
    return workbook


def cancel_workbook(*, order: Order, by: User) -> bool:
    """Cancel the writing of an order's workbook; return False if it was finished or canceled.

    A worker that is writing it notices it, and leaves nothing.
    """
    require_codes_order(order, by)
    return drop_work(CodeWorkbook.objects.filter(order=order, state=WorkbookState.WAITING)) > 0


def drop_unused_workbooks() -> None:
    """Delete workbooks that nobody downloaded for a while, and requests that came to nothing."""
    used = CodeWorkbook.objects.annotate(used_at=Coalesce("downloaded_at", "requested_at"))
    drop_work(used.filter(used_at__lt=timezone.now() - KEPT))


@task(priority=LONG)
def write_workbook(workbook_pk: int) -> None:
    """Write a requested workbook, unless it was canceled. Safe to run twice."""
    waiting = CodeWorkbook.objects.filter(pk=workbook_pk, state=WorkbookState.WAITING)
    workbook = waiting.select_related("order").first()
    if workbook is None:
        return
    try:
        with progress_of(workbook, "written") as progress:
            for _attempt in range(_ATTEMPTS):
                if _keep(workbook, progress):
                    return
        waiting.update(state=WorkbookState.OUTDATED)
    except CanceledError:
        return


@when(SET_ASIDE, write_workbook)
@when(DISCARDED, write_workbook)
def show_failed_workbook(workbook_pk: int) -> None:
    """Show that the workbook could not be written, so that someone can request it again."""
    waiting = CodeWorkbook.objects.filter(pk=workbook_pk, state=WorkbookState.WAITING)
    waiting.update(state=WorkbookState.FAILED)


def _keep(workbook: CodeWorkbook, progress: Progress) -> bool:
    """Write the file and keep it; return False if a code changed meanwhile."""
    waiting = CodeWorkbook.objects.filter(pk=workbook.pk, state=WorkbookState.WAITING)
    version = _version_now(workbook)
    with tempfile.TemporaryFile() as file:
        count = _write_now(workbook.order, file, progress)
        with transaction.atomic():
            for part in split(file):
                WorkbookPart.objects.create(workbook=workbook, **part)
            # Last, so that no one who changes a code waits for the parts. A change
            # of a code after that finds and deletes them.
            is_current = waiting.filter(version=version).update(
                state=WorkbookState.READY, number_of_codes=count, written=count
            )
            transaction.set_rollback(not is_current)
    stop_unless(bool(is_current) or waiting.exists())
    return bool(is_current)


def _version_now(workbook: CodeWorkbook) -> int:
    """Return how often a code changed, before the codes are read.

    First wait for those who changed a code but committed neither that nor, as they didn't see the
    workbook, its version. See `models/workbook_triggers.py`.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        name = LOCK_NAME.format(order="%s")
        cursor.execute(f"SELECT pg_advisory_xact_lock({name})", [workbook.order_id])
    now = CodeWorkbook.objects.filter(pk=workbook.pk).values_list("version", flat=True).first()
    if now is None:
        raise CanceledError
    return now
