"""Excel workbooks, written row by row so that memory use stays flat."""

import re
import tempfile
import weakref
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import IO, Any, TypeAlias

from django.http import FileResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl import cell as cells
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.filters import AutoFilter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.table import Table, TableColumn, TableStyleInfo

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
    document: str = "",
    subject: str = "",
    about: Sequence[tuple[str, Cell]] = (),
) -> int:
    """Write a workbook of one sheet with a bold, frozen header; return the number of rows.

    The rows are an Excel table, whose header is printed on each page. More rows than Excel allows
    continue on further sheets: "Codes", "Codes 2". `about` are labels and values of a last sheet.
    `document` and `subject` are the file's properties. Text that looks like a formula is stored as
    text and never computed.
    """
    book = Workbook(write_only=True)
    book.properties.creator = "Jasperactive"
    book.properties.title = _ILLEGAL.sub("", document or title)
    book.properties.subject = _ILLEGAL.sub("", subject) or None
    sheet = _sheet(book, title, header, widths)
    count = 0
    try:
        for row in rows:
            if count and count % (MOST_ROWS - 1) == 0:
                _close(sheet, header, MOST_ROWS)
                number = len(book.worksheets) + 1
                sheet = _sheet(book, f"{title} {number}", header, widths)
            # Most values are numbers or missing, and need no look at them.
            sheet.append([v if v.__class__ in _PLAIN else _value(sheet, v) for v in row])
            count += 1
        _close(sheet, header, count - (len(book.worksheets) - 1) * (MOST_ROWS - 1) + 1)
        if about:
            _add_about(book, about)
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
    _set_up_print(sheet)
    sheet.print_title_rows = "1:1"
    sheet.append([_bold(sheet, str(text)) for text in header])
    return sheet


def _set_up_print(sheet: Any) -> None:
    """Print in landscape, as wide as a page."""
    sheet.page_setup.orientation = "landscape"
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_setup.fitToHeight = 0


def _close(sheet: Any, header: Sequence[str], last: int) -> None:
    """Make the rows of a sheet a table, which Excel filters and sorts, and close the sheet."""
    # A table needs a row, and its name must not have a space.
    if last > 1:
        ref = f"A1:{get_column_letter(len(header))}{last}"
        columns = [
            TableColumn(id=at, name=_ILLEGAL.sub("", text)) for at, text in enumerate(header, 1)
        ]
        name = f"Table{len(sheet.parent.worksheets)}"
        table = Table(
            displayName=name, ref=ref, tableColumns=columns, autoFilter=AutoFilter(ref=ref)
        )
        table.tableStyleInfo = TableStyleInfo(name="TableStyleLight1", showRowStripes=True)
        # Its own method warns that it can't read the columns, which have their names already.
        sheet.tables.add(table)
    sheet.close()


def _add_about(book: Any, about: Sequence[tuple[str, Cell]]) -> None:
    """Add a sheet of labels and values, for people to read."""
    sheet = book.create_sheet(str(_("About")))
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 28, 80
    _set_up_print(sheet)
    for label, value in about:
        shown = _value(sheet, value)
        cell = shown if isinstance(shown, cells.Cell) else WriteOnlyCell(sheet, shown)
        cell.alignment = Alignment(wrap_text=True, vertical="top", horizontal="left")
        sheet.append([_bold(sheet, label), cell])


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
    """Return a file as a download; no cache keeps it. The response closes the file."""
    response = FileResponse(file, as_attachment=True, filename=file_name)
    if response["Content-Type"] == "text/csv":
        response["Content-Type"] = "text/csv; charset=utf-8"
    response["Cache-Control"] = "no-store"
    # Also if nobody reads it to its end.
    weakref.finalize(response, file.close)
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
