"""The workbook behind Download Codes, beside bare openpyxl writing the same values."""

import tempfile
from collections.abc import Iterable
from typing import IO

from openpyxl import Workbook

from activation_codes.exports import COLUMNS, write_codes
from activation_codes.models import ActivationCode
from activation_codes.services.codes import create_codes
from benchmarks.measuring import main, measured, order_of_codes
from jasper_inventory.lib.code_format import formatted

CASES = [
    ("bare openpyxl, write-only, values at hand", "bare", 100_000),
    ("write_codes: from the database, text safe", "export", 100_000),
    ("bare openpyxl, write-only, values at hand", "bare", 100),
    ("write_codes: from the database, text safe", "export", 100),
]


def export(number: int) -> dict[str, float]:
    with order_of_codes(number) as (order, by), tempfile.TemporaryFile() as stream:
        create_codes(order=order, by=by)
        return measured(lambda: write_codes(order, stream))


def bare(number: int) -> dict[str, float]:
    with (
        order_of_codes(number) as (order, by),
        tempfile.TemporaryFile() as stream,
        tempfile.TemporaryFile("w+") as values,
    ):
        create_codes(order=order, by=by)
        codes = ActivationCode.objects.filter(order=order).values_list("code", flat=True)
        values.writelines(f"{formatted(code)}\n" for code in codes.iterator())
        values.seek(0)
        return measured(lambda: _write(values, stream))


def _write(values: Iterable[str], stream: IO[bytes]) -> None:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Codes")
    sheet.append([str(heading) for heading, _width, _value in COLUMNS])
    for line in values:
        sheet.append([line.rstrip("\n"), 1, *[None] * (len(COLUMNS) - 2)])
    book.save(stream)


if __name__ == "__main__":
    main("benchmarks.export_codes", CASES, {"bare": bare, "export": export})
