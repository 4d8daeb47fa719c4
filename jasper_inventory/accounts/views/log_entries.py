"""The Activity log of an organization, and the entries about oneself."""

from functools import partial
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from jasper_inventory.accounts.decorators import (
    MemberHttpRequest,
    UserHttpRequest,
    administrator_required,
)
from jasper_inventory.accounts.list_exports import list_export
from jasper_inventory.accounts.log_exports import COLUMNS, MOST_ROWS, every_line
from jasper_inventory.accounts.log_filters import LogEntryFilter
from jasper_inventory.accounts.log_lines import lines_for, listed, own_lines
from jasper_inventory.accounts.models import LogEntry
from jasper_inventory.lib.exports import ListFile
from jasper_inventory.lib.pagination import KeyPaginator, MergingPaginator, sized_page
from jasper_inventory.lib.replica import reads_replica


@require_safe
@administrator_required
@reads_replica
def log_entry_list(request: MemberHttpRequest) -> HttpResponse:
    """Activity Log: the acts in the role's scope, newest first."""
    search = LogEntryFilter(request.GET, request=request)
    found = search.found
    all_listed = listed(LogEntry.objects.all())
    shown = sized_page(
        request, lambda size: KeyPaginator(found, [found.order_by("-pk")], all_listed, size)
    )
    lines = list(lines_for(shown["page"].object_list, request.membership.organization))
    named = search.form["who"].value()
    context = {
        "search": search,
        "lines": lines,
        # Only a person whom the list names.
        "who": next((line.who for line in lines if line.who), None) if named else None,
        **shown,
    }
    return render(request, "accounts/log_entry_list.html", context)


@require_safe
@administrator_required
@list_export
def log_entry_export(request: MemberHttpRequest, _typed: str | None) -> ListFile:
    """Download the listed entries."""
    found = LogEntryFilter(request.GET, request=request).found
    return ListFile(
        name="activity-log",
        title=_("Activity Log"),
        columns=COLUMNS,
        rows=partial(every_line, found, request.membership.organization),
        counted=found.order_by()[:MOST_ROWS],
        action="log.exported",
    )


@require_safe
@reads_replica
def log_entry_own(request: UserHttpRequest) -> HttpResponse:
    """My Activity: the user's own acts, and others' acts that concern the user."""
    own: QuerySet[LogEntry, Any] = LogEntry.objects.filter(actor=request.user)
    # Each part is read from an index of its own.
    parts = [own, LogEntry.objects.concerning(request.user).exclude(actor=request.user)]
    shown = sized_page(
        request, lambda size: MergingPaginator(parts, ["-id"], listed(LogEntry.objects.all()), size)
    )
    lines = own_lines(shown["page"].object_list, request.user)
    return render(request, "accounts/log_entry_own.html", {"lines": list(lines), **shown})
