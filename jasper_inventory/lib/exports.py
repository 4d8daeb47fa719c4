"""Exports of lists, as Excel workbooks or CSV, written row by row so that memory use stays flat."""

import csv
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from io import TextIOWrapper
from typing import IO, Any

from django.db import transaction
from django.http import FileResponse, Http404, HttpRequest
from django.utils import timezone
from django.utils.functional import Promise

from jasper_inventory.lib import excel
from jasper_inventory.lib.replica import read_alias, reads_replica_now
from jasper_inventory.lib.time_limits import as_batch_work

# The parameter with the kind of file, and the kinds.
FILE = "file"
EXCEL, CSV = "xlsx", "csv"
# What a spreadsheet takes for the start of a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


@dataclass(frozen=True)
class Column:
    """A column: its heading as on the page, the value of a row, and its width in characters."""

    heading: str | Promise
    value: Callable[[Any], excel.Cell]
    width: float = 18


def kind_of_file(request: HttpRequest) -> str:
    """Return the kind of file that is asked for; 404 for an unknown one."""
    kind = request.GET.get(FILE, EXCEL)
    if kind not in (EXCEL, CSV):
        raise Http404
    return kind


@as_batch_work
@reads_replica_now
def as_download(
    kind: str,
    *,
    name: str,
    title: str,
    columns: Sequence[Column],
    rows: Callable[[], Iterable[Any]],
) -> FileResponse:
    """Return a list as a download; `rows` reads its rows, from a replica if there is one."""
    write = _write_csv if kind == CSV else partial(_write_excel, title=title)
    # In a transaction, the database streams the rows instead of keeping a copy.
    with transaction.atomic(using=read_alias()):
        return excel.as_download(
            partial(write, columns=columns, rows=rows()), file_name=f"{name}.{kind}"
        )


def _write_excel(
    stream: IO[bytes], *, title: str, columns: Sequence[Column], rows: Iterable[Any]
) -> None:
    excel.write_sheet(
        stream,
        title=title,
        header=[str(column.heading) for column in columns],
        rows=([column.value(row) for column in columns] for row in rows),
        widths=[column.width for column in columns],
    )


def _write_csv(stream: IO[bytes], *, columns: Sequence[Column], rows: Iterable[Any]) -> None:
    # Excel needs the mark at the start to read the file as UTF-8.
    text = TextIOWrapper(stream, "utf-8-sig", newline="")
    lines = csv.writer(text)
    lines.writerow([str(column.heading) for column in columns])
    lines.writerows([_plain(column.value(row)) for column in columns] for row in rows)
    # The caller goes on with the stream.
    text.detach()


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
