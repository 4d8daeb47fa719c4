"""Excel workbooks, written row by row so that memory stays flat whatever their length."""

import re
import tempfile
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import IO, Any

from django.http import FileResponse
from django.utils import timezone
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

# Above this a workbook that waits for the browser lies on the disk, not in memory.
_IN_MEMORY = 1024 * 1024
# Excel counts UTF-16 units.
MOST_UNITS = 32_767
_SHORT = MOST_UNITS // 2
# What may be taken for the beginning of a formula, by some program; "#N/A" is an error value.
_LEADING = frozenset("=+-@\t\r\n#")
# All that XML 1.0 can't hold.
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_sheet(
    stream: IO[bytes],
    *,
    title: str,
    header: Sequence[str],
    rows: Iterable[Sequence[Any]],
    widths: Sequence[float],
) -> int:
    """Write a workbook of one sheet, its header bold and frozen; return the number of rows.

    Text stays text: what begins like a formula is shown as it is, and never computed.
    """
    book = Workbook(write_only=True)
    book.properties.creator = "Jasperactive"
    sheet = book.create_sheet(title)
    for letter, width in zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", widths, strict=False):
        sheet.column_dimensions[letter].width = width
    sheet.freeze_panes = "A2"
    count = 0
    try:
        sheet.append([_bold(sheet, str(text)) for text in header])
        for row in rows:
            sheet.append([_value(sheet, value) for value in row])
            count += 1
        book.save(stream)
    except BaseException:
        _forget(sheet)
        raise
    return count


def as_download(write: Callable[[IO[bytes]], Any], *, file_name: str) -> FileResponse:
    """What `write` writes as a browser's download, which no cache keeps."""
    # Closed with the response, which streams it.
    workbook = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115
    write(workbook)
    workbook.seek(0)
    response = FileResponse(workbook, as_attachment=True, filename=file_name)
    response["Cache-Control"] = "no-store"
    return response


def _bold(sheet: Any, text: str) -> Any:
    cell = WriteOnlyCell(sheet, _ILLEGAL.sub("", text))
    cell.data_type = "s"
    cell.font = Font(bold=True)
    return cell


def _value(sheet: Any, value: Any) -> Any:
    """What openpyxl may be given; most texts are given to it as they are, which is the fastest."""
    if isinstance(value, str):
        if not value:
            return None
        if len(value) > _SHORT or not value.isprintable():
            value = _shortened(_ILLEGAL.sub("", value))
        return _text(sheet, value) if value[:1] in _LEADING else value
    if isinstance(value, datetime) and timezone.is_aware(value):
        return timezone.make_naive(value)
    return value


def _text(sheet: Any, value: str) -> Any:
    """A text that openpyxl would take for a formula or an error value."""
    cell = WriteOnlyCell(sheet, value)
    cell.data_type = "s"
    # As if typed with an apostrophe: it stays text when someone edits the cell, too.
    cell.quotePrefix = True
    return cell


def _shortened(value: str) -> str:
    units = value.encode("utf-16-le")
    if len(units) <= 2 * MOST_UNITS:
        return value
    return units[: 2 * (MOST_UNITS - 1)].decode("utf-16-le", "ignore") + "…"


def _forget(sheet: Any) -> None:
    """Remove the file in which openpyxl keeps the rows until it saves."""
    writer = sheet._writer
    if writer is not None and not sheet.closed:
        sheet.close()
        writer.cleanup()
