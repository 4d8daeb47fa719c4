"""Large exports of lists, written in the background with the rights of the role that asked.

An export is the address of its list with the role. The worker asks the same view again, which
finds what that role finds then. So a file never has more than the role may see.
"""

import tempfile
from contextlib import suppress
from typing import IO, Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.http import Http404, QueryDict
from django.urls import resolve
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django_tasks import task

from jasper_inventory.accounts.decorators import MemberHttpRequest
from jasper_inventory.accounts.models import (
    ExportState,
    ListExport,
    ListExportPart,
    Membership,
    User,
)
from jasper_inventory.accounts.models.file_parts import copy_parts, split
from jasper_inventory.accounts.services.log_entries import record
from jasper_inventory.lib.background import CanceledError, Progress, drop_work, progress_of
from jasper_inventory.lib.excel import Cell, empty_file
from jasper_inventory.lib.exceptions import DomainError
from jasper_inventory.lib.exports import ListFile, write_list
from jasper_inventory.lib.tasks import DISCARDED, LONG, SET_ASIDE, when
from jasper_inventory.lib.time_limits import batch_work


def is_large(listed: ListFile) -> bool:
    """Return whether the file of a list is written in the background."""
    with batch_work(in_page=True):
        return listed.is_longer_than(settings.EXPORT_ROWS_AT_ONCE)


def record_export(listed: ListFile, by: User) -> None:
    """Record that a person exports a list."""
    after = {"list": listed.logged_as} if listed.logged_as else None
    record(listed.action, by=by, on=listed.on, after=after)


def request_export(
    listed: ListFile, *, kind: str, address: str, typed: str, membership: Membership
) -> ListExport:
    """Queue the export of a large list for a role; return one that waits already if it is the same.

    `address` is that of its view, with the search. `typed` is the part of the search that the
    address doesn't have. Raises DomainError if the person has too many in the queue.
    """
    wanted = {"kind": kind, "address": address, "typed": typed}
    with transaction.atomic():
        # Counts the exports of a person, one request at a time.
        by = User.objects.select_for_update(of=("self",), no_key=True).get(pk=membership.user_id)
        waiting = ListExport.objects.waiting()
        if same := waiting.of_role(membership).filter(**wanted).first():
            return same
        most = settings.EXPORTS_PER_PERSON
        if waiting.filter(requested_by=by).count() >= most:
            text = ngettext(
                "You already have an export in progress. Wait until it is ready, or cancel it.",
                "You already have %(number)d exports in progress. Wait until one is ready, or "
                "cancel one.",
                most,
            )
            raise DomainError(text % {"number": most})
        export = ListExport.objects.create(
            requested_by=by,
            organization=membership.organization,
            role=membership.role,
            title=str(listed.title),
            file_name=listed.name,
            **wanted,
        )
        record_export(listed, by)
        write_export.enqueue(export.pk)
    return export


def take_export(*, export: ListExport, by: User) -> IO[bytes] | None:
    """Return the file of an export and record its download; None if it isn't ready."""
    file = empty_file()
    parts = ListExportPart.objects.filter(export=export, export__state=ExportState.READY)
    if copy_parts(parts, file, "export") is None:
        file.close()
        return None
    record("list.downloaded", by=by, after={"list": export.file_name})
    file.seek(0)
    return file


def drop_export(export: ListExport) -> None:
    """Cancel an export, or delete its file. A worker that is writing it leaves nothing."""
    drop_work(ListExport.objects.filter(pk=export.pk))


def drop_exports(which: Q) -> None:
    """Delete exports whose contents are no longer right, in the transaction that changes that.

    Again after it, because an export that began meanwhile may have read what was there before.
    """
    exports = ListExport.objects.filter(which)
    drop_work(exports)
    transaction.on_commit(lambda: drop_work(exports.all()))


def drop_old_exports() -> None:
    """Delete exports that were kept long enough, and requests that came to nothing."""
    drop_work(ListExport.objects.outdated())


@task(priority=LONG)
def write_export(export_pk: int) -> None:
    """Write a requested export, unless it was canceled. Safe to run twice."""
    waiting = ListExport.objects.waiting().filter(pk=export_pk)
    export = waiting.select_related("requested_by").first()
    if export is None:
        return
    listed = _listed(export)
    if listed is None:
        waiting.update(state=ExportState.FAILED)
        return
    waiting.update(number_of_rows=listed.count(), written=0)
    with suppress(CanceledError), progress_of(export, "written") as progress:
        _write(export, listed, progress)


@when(SET_ASIDE, write_export)
@when(DISCARDED, write_export)
def show_failed_export(export_pk: int) -> None:
    """Show that the export could not be written, so that the person can ask again."""
    ListExport.objects.waiting().filter(pk=export_pk).update(state=ExportState.FAILED)


def _listed(export: ListExport) -> ListFile | None:
    """Return what the view lists for the role now; None if it shows the role no list."""
    roles = Membership.objects.of_user(export.requested_by)
    role = roles.filter(organization=export.organization_id, role=export.role).first()
    if role is None or not export.requested_by.is_active:
        return None
    path, _mark, query = export.address.partition("?")
    request = MemberHttpRequest()
    request.method, request.path, request.path_info = "GET", path, path
    request.GET = QueryDict(query)
    request.user, request.membership = export.requested_by, role
    view = resolve(path)
    # Set by `list_export`.
    listed: Any = view.func.listed  # type: ignore[attr-defined]
    try:
        found = listed(request, export.typed, **view.kwargs)
    except (Http404, PermissionDenied):
        return None
    return found if isinstance(found, ListFile) else None


def _write(export: ListExport, listed: ListFile, progress: Progress) -> None:
    """Write the file and keep it, unless the export was canceled meanwhile."""
    as_of = timezone.now()
    with tempfile.TemporaryFile() as file:
        count = write_list(listed, export.kind, file, progress, about=_about(export, as_of))
        with transaction.atomic():
            for part in split(file):
                ListExportPart.objects.create(export=export, **part)
            is_kept = (
                ListExport.objects.waiting()
                .filter(pk=export.pk)
                .update(state=ExportState.READY, number_of_rows=count, written=count, as_of=as_of)
            )
            transaction.set_rollback(not is_kept)


def _about(export: ListExport, as_of: Any) -> list[tuple[str, Cell]]:
    """Return when the rows were read, for the file's last sheet."""
    return [(_("List"), export.title), (_("As Of"), as_of)]
