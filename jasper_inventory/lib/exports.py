"""Exports of lists, as Excel workbooks or CSV, written row by row so that memory use stays flat."""

import csv
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from io import TextIOWrapper
from typing import IO, Any

from django.db import transaction
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest
from django.utils import timezone
from django.utils.functional import Promise

from jasper_inventory.lib import excel
from jasper_inventory.lib.audit import Logged
from jasper_inventory.lib.background import Progress, reported
from jasper_inventory.lib.replica import read_alias, reads_replica_now
from jasper_inventory.lib.time_limits import as_batch_work

# The parameter with the kind of file, and the kinds.
FILE = "file"
EXCEL, CSV = "xlsx", "csv"
# Rows between two reports of progress.
_STEP = 2_000
# What a spreadsheet takes for the start of a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


@dataclass(frozen=True)
class Column:
    """A column: its heading as on the page, the value of a row, and its width in characters."""

    heading: str | Promise
    value: Callable[[Any], excel.Cell]
    width: float = 18


@dataclass(frozen=True)
class ListFile:
    """A list as a file: what it has, and how the activity log names its export."""

    # Of the file, without its ending, and of its sheet.
    name: str
    title: str
    columns: Sequence[Column]
    # Reads the rows, from a replica if there is one.
    rows: Callable[[], Iterable[Any]]
    # The same rows, or their keys, to count them.
    counted: QuerySet[Any, Any] | Sequence[Any]
    action: str = "list.exported"
    on: Logged | None = None
    logged_as: str = ""

    def is_longer_than(self, number: int) -> bool:
        """Return whether it has more rows; no more than that are counted."""
        return _number_of(self.counted[: number + 1]) > number

    def count(self) -> int:
        """Return the number of rows."""
        return _number_of(self.counted)


def _number_of(rows: QuerySet[Any, Any] | Sequence[Any]) -> int:
    return rows.count() if isinstance(rows, QuerySet) else len(rows)


def kind_of_file(request: HttpRequest) -> str:
    """Return the kind of file that is asked for; 404 for an unknown one."""
    kind = request.GET.get(FILE, EXCEL)
    if kind not in (EXCEL, CSV):
        raise Http404
    return kind


def as_download(listed: ListFile, kind: str) -> FileResponse:
    """Return a list as a download."""
    write = partial(write_list, listed, kind)
    return excel.as_download(write, file_name=f"{listed.name}.{kind}")


@as_batch_work
@reads_replica_now
def write_list(
    listed: ListFile,
    kind: str,
    stream: IO[bytes],
    progress: Progress | None = None,
    *,
    about: Sequence[tuple[str, excel.Cell]] = (),
) -> int:
    """Write a list as a file; return the number of rows. `about` is a last sheet of a workbook.

    `progress` is called with the number of rows so far, from time to time; if it raises, the file
    isn't finished.
    """
    # The replica may have been lost after the first rows.
    stream.seek(0)
    stream.truncate()
    # In a transaction, the database streams the rows instead of keeping a copy.
    with transaction.atomic(using=read_alias()):
        found = listed.rows()
        values = (
            [column.value(row) for column in listed.columns]
            for row in (reported(found, progress, step=_STEP) if progress else found)
        )
        header = [str(column.heading) for column in listed.columns]
        if kind == CSV:
            return _write_csv(stream, header, values)
        widths = [column.width for column in listed.columns]
        return excel.write_sheet(
            stream, title=listed.title, header=header, rows=values, widths=widths, about=about
        )


def _write_csv(
    stream: IO[bytes], header: Sequence[str], rows: Iterable[Sequence[excel.Cell]]
) -> int:
    # Excel needs the mark at the start to read the file as UTF-8.
    text = TextIOWrapper(stream, "utf-8-sig", newline="")
    lines = csv.writer(text)
    lines.writerow(header)
    count = 0
    for row in rows:
        lines.writerow([_plain(value) for value in row])
        count += 1
    # The caller goes on with the stream.
    text.detach()
    return count


def _plain(value: excel.Cell) -> str:
    """Return a value as text; one that looks like a formula begins with an apostrophe."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{timezone.make_naive(value) if timezone.is_aware(value) else value:%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return str(value)
