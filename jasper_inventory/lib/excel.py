"""Excel workbooks, written row by row so that memory use stays flat."""

import re
import tempfile
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import IO, Any, TypeAlias

from django.http import FileResponse
from django.utils import timezone
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

# A value of a row.
Cell: TypeAlias = str | int | date | None

# Larger workbooks are buffered on disk instead of in memory.
_IN_MEMORY = 1024 * 1024
# Of a sheet, with its header.
MOST_ROWS = 1_048_576
# Excel counts UTF-16 units.
MOST_UNITS = 32_767
_SHORT = MOST_UNITS // 2
# Characters that some program takes for the start of a formula; "#N/A" is an error value.
_LEADING = frozenset("=+-@\t\r\n#")
_PLAIN = frozenset((int, type(None)))
# Characters that XML 1.0 doesn't allow.
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_sheet(
    stream: IO[bytes],
    *,
    title: str,
    header: Sequence[str],
    rows: Iterable[Sequence[Cell]],
    widths: Sequence[float],
) -> int:
    """Write a workbook of one sheet with a bold, frozen header; return the number of rows.

    More rows than Excel allows continue on further sheets: "Codes", "Codes 2". Text that looks
    like a formula is stored as text and never computed.
    """
    book = Workbook(write_only=True)
    book.properties.creator = "Jasperactive"
    sheet = _sheet(book, title, header, widths)
    count = 0
    try:
        for row in rows:
            if count and count % (MOST_ROWS - 1) == 0:
                sheet.close()
                number = len(book.worksheets) + 1
                sheet = _sheet(book, f"{title} {number}", header, widths)
            # Most values are numbers or missing, and need no look at them.
            sheet.append([v if v.__class__ in _PLAIN else _value(sheet, v) for v in row])
            count += 1
        book.save(stream)
    except BaseException:
        for each in book.worksheets:
            _forget(each)
        raise
    return count


def _sheet(book: Any, title: str, header: Sequence[str], widths: Sequence[float]) -> Any:
    """Add a sheet that begins with the header."""
    sheet = book.create_sheet(title)
    for letter, width in zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", widths, strict=False):
        sheet.column_dimensions[letter].width = width
    sheet.freeze_panes = "A2"
    sheet.append([_bold(sheet, str(text)) for text in header])
    return sheet


def as_download(write: Callable[[IO[bytes]], Any], *, file_name: str) -> FileResponse:
    """Return a download of the workbook that `write` writes; no cache keeps it."""
    file = empty_file()
    write(file)
    file.seek(0)
    return file_as_download(file, file_name=file_name)


def empty_file() -> IO[bytes]:
    """Return a file for a workbook, which is deleted when it is closed."""
    return tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)


def file_as_download(file: IO[bytes], *, file_name: str) -> FileResponse:
    """Return a workbook as a download; no cache keeps it. The response closes the file."""
    response = FileResponse(file, as_attachment=True, filename=file_name)
    response["Cache-Control"] = "no-store"
    return response


def _bold(sheet: Any, text: str) -> Any:
    cell = WriteOnlyCell(sheet, _ILLEGAL.sub("", text))
    cell.data_type = "s"
    cell.font = Font(bold=True)
    return cell


def _value(sheet: Any, value: Cell) -> Any:
    """Convert a value for openpyxl; most texts stay plain strings, which is fastest."""
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
    """Return a text cell for a value that openpyxl would take for a formula or an error."""
    cell = WriteOnlyCell(sheet, value)
    cell.data_type = "s"
    # Like a leading apostrophe: the cell stays text even after someone edits it.
    cell.quotePrefix = True
    return cell


def _shortened(value: str) -> str:
    units = value.encode("utf-16-le")
    if len(units) <= 2 * MOST_UNITS:
        return value
    return units[: 2 * (MOST_UNITS - 1)].decode("utf-16-le", "ignore") + "…"


def _forget(sheet: Any) -> None:
    """Remove the temporary file in which openpyxl keeps the rows until it saves."""
    writer = sheet._writer
    if writer is None:
        return
    if not sheet.closed:
        sheet.close()
    # Saving removes the file of each sheet that it has stored.
    if Path(writer.out).exists():
        writer.cleanup()
