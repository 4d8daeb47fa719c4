"""The workbook of codes as Excel opens it: a table, a print setup, properties, a second sheet."""

import io
import zipfile

import pytest
from openpyxl import load_workbook

from activation_codes.exports import write_codes
from activation_codes.services.handouts import hand_out
from jasper_inventory.lib import excel
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(center):
    return factories.order(
        factories.CODES, assigned_to=center, number_of_codes=3, product_mix=factories.products(2)
    )


def written(order):
    stream = io.BytesIO()
    write_codes(order, stream)
    return stream


def opened(order):
    return load_workbook(written(order))


def test_the_codes_are_a_table_with_filters(order):
    factories.codes(order)
    sheet = opened(order).worksheets[0]

    (table,) = sheet.tables.values()
    assert table.ref == table.autoFilter.ref == "A1:E4"
    assert [column.name for column in table.tableColumns] == [cell.value for cell in sheet[1]]


def test_without_codes_there_is_no_table(order):
    assert not opened(order).worksheets[0].tables


def test_it_is_printed_in_landscape_with_the_header_on_each_page(order):
    factories.codes(order)
    sheet = opened(order).worksheets[0]

    assert sheet.page_setup.orientation == "landscape"
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert (sheet.page_setup.fitToWidth or 1, int(sheet.page_setup.fitToHeight)) == (1, 0)
    assert sheet.print_title_rows == "$1:$1"


def test_its_properties_name_the_order_and_the_organization(order):
    properties = opened(order).properties
    assert properties.title == f"Activation codes of order {order}"
    assert properties.subject == "Tolano Adventures"
    assert properties.created is not None


def test_the_second_sheet_has_the_facts_and_how_to_activate(order, settings):
    settings.SITE_URL = "https://license.example.org"
    factories.codes(order)
    sheet = opened(order).worksheets[1]

    facts = {row[0]: row[1] for row in sheet.iter_rows(values_only=True) if row[0]}
    assert facts["Order Number"] == order.number
    assert facts["Organization"] == "Tolano Adventures"
    assert facts["Finish Date"].date() == order.finish_date
    first, second = order.products.all()
    assert facts["Products"] == f"{first.family}: {first.name}, {second.name}"
    assert facts["How to activate a code"] == "1. Open https://license.example.org/activate/"


def test_an_organization_is_never_a_formula(order):
    order.assigned_to.name = "=1+1"
    cells = [cell for row in opened(order).worksheets[1] for cell in row if cell.value == "=1+1"]
    assert [cell.data_type for cell in cells] == ["s"]


def test_more_rows_than_a_sheet_has_are_tables_of_further_sheets(order, monkeypatch):
    monkeypatch.setattr(excel, "MOST_ROWS", 3)
    factories.codes(order)
    book = opened(order)

    assert book.sheetnames == ["Codes", "Codes 2", "About"]
    tables = [table for sheet in book for table in sheet.tables.values()]
    assert [table.ref for table in tables] == ["A1:E3", "A1:E2"]
    assert len({table.displayName for table in tables}) == len({table.id for table in tables}) == 2


def test_the_file_has_each_part_that_it_refers_to(order):
    factories.codes(order)
    with zipfile.ZipFile(written(order)) as file:
        names = set(file.namelist())
        types = file.read("[Content_Types].xml").decode()
        links = file.read("xl/worksheets/_rels/sheet1.xml.rels").decode()
    assert "xl/tables/table1.xml" in names
    assert "/xl/tables/table1.xml" in types and "/xl/tables/table1.xml" in links


def test_the_guides_columns_show_who_has_codes_that_were_handed_out(order, staff):
    codes = factories.codes(order)
    hand_out(
        order=order,
        codes=[code.pk for code in codes[:2]],
        name="Kim Lee",
        email="kim@example.com",
        by=staff,
    )
    factories.redemption(codes[1], user=factories.person("ann", first_name="Ann", last_name="Lee"))

    rows = [row[2:] for row in opened(order).worksheets[0].iter_rows(min_row=2, values_only=True)]

    assert rows == [
        ("Kim Lee", None, "kim@example.com"),
        ("Ann", "Lee", "ann@example.com"),
        (None, None, None),
    ]
