"""What tests of workbooks share: addresses, rows, and a redemption."""

import io

import openpyxl

from activation_codes import exports
from activation_codes.models import (
    CodeWorkbook,
    WorkbookPart,
)
from tests import factories


def window(order, part=""):
    return f"/inventory/{order.number}/codes/{part}"


def rows(file):
    """The rows of a workbook without the header; the file is closed."""
    with file:
        return list(openpyxl.load_workbook(file).active.values)[1:]


def downloaded(response):
    """The rows of a workbook that was downloaded."""
    return rows(io.BytesIO(response.getvalue()))


def expected(order):
    """The rows that a workbook of the order has, written now."""
    stream = io.BytesIO()
    exports.write_codes(order, stream)
    return rows(stream)


def nothing_left():
    return not CodeWorkbook.objects.exists() and not WorkbookPart.objects.exists()


def redeem(order):
    factories.redemption(order.activation_codes.filter(used=0).first())
