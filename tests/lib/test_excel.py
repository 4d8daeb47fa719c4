"""Workbooks: text stays text, and characters that Excel can't hold are left out."""

import io
import tempfile
import zipfile
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from openpyxl import load_workbook

from jasper_inventory.lib import excel
from jasper_inventory.lib.excel import MOST_UNITS, write_sheet


def sheet_of(rows, **values):
    values = {"title": "Sheet", "header": ["A", "B"], "widths": (12, 30)} | values
    stream = io.BytesIO()
    count = write_sheet(stream, rows=rows, **values)
    stream.seek(0)
    return count, load_workbook(stream)


def written(value):
    """The cell that a value becomes."""
    _count, book = sheet_of([[value]])
    return book.active["A2"]


def test_header_is_bold_and_frozen_and_columns_are_sized():
    count, book = sheet_of([["x", 1], ["y", 2]], title="Codes")
    sheet = book.active
    assert count == 2
    assert book.sheetnames == ["Codes"]
    assert [cell.value for cell in sheet[1]] == ["A", "B"]
    assert all(cell.font.bold for cell in sheet[1])
    assert not sheet["A2"].font.bold
    assert sheet.freeze_panes == "A2"
    assert sheet.column_dimensions["A"].width == 12
    assert sheet.column_dimensions["B"].width == 30


def test_rows_can_be_none():
    count, book = sheet_of([])
    assert count == 0
    assert book.active.max_row == 1


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        '=HYPERLINK("http://evil.example","x")',
        "=",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\n=1",
        "#N/A",
        "#REF!",
    ],
)
def test_text_that_looks_like_a_formula_stays_text(text):
    cell = written(text)
    assert cell.value == text
    assert cell.data_type == "s"
    assert cell.quotePrefix


def test_no_formula_is_in_the_file():
    stream = io.BytesIO()
    write_sheet(
        stream, title="S", header=["=1"], rows=[["=2", "+3"], ["\r=4", "@5"]], widths=(9, 9)
    )
    xml = zipfile.ZipFile(stream).read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in xml and "<f " not in xml
    assert 't="e"' not in xml


def test_a_control_sign_before_a_formula_is_no_way_around():
    cell = written("\x00\x07=1+1")
    assert (cell.value, cell.data_type) == ("=1+1", "s")
    assert cell.quotePrefix


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("a\x00b\x0bc", "abc"),
        ("a\ud800b\ufffe\uffffc", "abc"),
        ("a\nb", "a\nb"),
        ("Zoë 你好 🎉", "Zoë 你好 🎉"),
        (" spaces ", " spaces "),
        ("0012", "0012"),
        ("1E5", "1E5"),
        ("23456-2024-0101", "23456-2024-0101"),
    ],
)
def test_texts_keep_what_a_workbook_can_hold(text, kept):
    cell = written(text)
    assert (cell.value, cell.data_type) == (kept, "s")


@pytest.mark.parametrize("sign", ["x", "🎉"])
def test_long_texts_are_shortened_as_excel_counts(sign):
    value = written(sign * 40_000).value
    assert len(value.encode("utf-16-le")) // 2 <= MOST_UNITS
    assert value.endswith(f"{sign}…")


def test_values_of_other_types():
    _count, book = sheet_of([[7, None], ["", date(2026, 1, 2)]])
    sheet = book.active
    assert (sheet["A2"].value, sheet["A2"].data_type) == (7, "n")
    assert sheet["B2"].value is None
    assert sheet["A3"].value is None
    assert sheet["B3"].value == datetime(2026, 1, 2)


def test_moments_are_local(settings):
    settings.TIME_ZONE = "America/Vancouver"
    assert written(datetime(2026, 1, 2, 12, tzinfo=UTC)).value == datetime(2026, 1, 2, 4)


def test_rows_are_taken_one_at_a_time():
    """For any number of rows, none is kept in memory."""
    alive = []

    class Row(list):
        def __init__(self, number):
            super().__init__([number])
            alive.append(1)

        def __del__(self):
            alive.pop()

    most = 0

    def rows():
        nonlocal most
        for number in range(500):
            most = max(most, len(alive))
            yield Row(number)

    sheet_of(rows())
    assert most <= 3


def test_a_broken_writing_leaves_no_file_behind(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    def rows():
        yield ["SECRET"]
        assert list(Path(tmp_path).iterdir())
        raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken"):
        sheet_of(rows())
    assert not list(Path(tmp_path).iterdir())


def test_more_rows_than_excel_allows_continue_on_further_sheets(monkeypatch):
    monkeypatch.setattr(excel, "MOST_ROWS", 4)

    count, book = sheet_of([[number, "=x"] for number in range(7)], title="Codes")

    assert count == 7
    assert book.sheetnames == ["Codes", "Codes 2", "Codes 3"]
    assert [[row[0] for row in sheet.iter_rows(values_only=True)] for sheet in book] == [
        ["A", 0, 1, 2],
        ["A", 3, 4, 5],
        ["A", 6],
    ]
    assert all(sheet.freeze_panes == "A2" and sheet["B2"].quotePrefix for sheet in book)


def test_exactly_as_many_rows_as_excel_allows_are_one_sheet(monkeypatch):
    monkeypatch.setattr(excel, "MOST_ROWS", 4)

    _count, book = sheet_of([[number] for number in range(3)])

    assert book.sheetnames == ["Sheet"]


def test_a_broken_second_sheet_leaves_no_file_behind(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(excel, "MOST_ROWS", 2)

    def rows():
        yield ["SECRET"]
        yield ["SECRET"]
        assert len(list(Path(tmp_path).iterdir())) == 2
        raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken"):
        sheet_of(rows())
    assert not list(Path(tmp_path).iterdir())
