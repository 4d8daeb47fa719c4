"""The workbook behind Download Codes."""

import io
import logging

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from activation_codes.code_check import is_well_formed
from activation_codes.code_lookup import usable_code
from activation_codes.exports import file_name, write_codes
from activation_codes.services.redemptions import reclaim_redemption
from jasper_inventory.lib.code_format import normalize
from tests import factories


@pytest.fixture
def order(db):
    return factories.order(factories.CODES, number_of_codes=3, users_per_code=2)


def rows_of(order):
    stream = io.BytesIO()
    count = write_codes(order, stream)
    stream.seek(0)
    sheet = load_workbook(stream).active
    rows = list(sheet.iter_rows(values_only=True))
    assert len(rows) == count + 1
    return rows


def test_the_guides_columns(order):
    codes = factories.codes(order)
    header, *rows = rows_of(order)
    assert header == ("Code", "Users (per code)", "Name", "Last Name", "Email")
    assert rows == [(str(code), 2, None, None, None) for code in codes]
    assert all(len(row[0]) == 23 and is_well_formed(normalize(row[0])) for row in rows)


def test_people_who_redeemed_are_filled_in(order):
    first, second, _third = factories.codes(order)
    factories.redemption(first, user=factories.person("ann", first_name="Ann", last_name="Lee"))
    factories.redemption(first, user=factories.person("bo", first_name="Bo", last_name="Ek"))
    gone = factories.redemption(second)
    reclaim_redemption(redemption=gone, by=factories.staff())
    _header, *rows = rows_of(order)
    assert rows[0][2:] == ("Ann; Bo", "Lee; Ek", "ann@example.com; bo@example.com")
    assert rows[1][2:] == rows[2][2:] == (None, None, None)


def test_a_name_is_never_a_formula(order):
    code = factories.codes(order)[0]
    person = factories.person(first_name="=1+1", last_name='@SUM("x")', email="+a@example.com")
    factories.redemption(code, user=person)
    _header, row, *_rows = rows_of(order)
    assert row[2:] == ("=1+1", '@SUM("x")', "+a@example.com")


def test_no_codes_yet(order):
    assert len(rows_of(order)) == 1


def test_the_name_has_the_order_number(order):
    assert file_name(order) == f"activation-codes-{order.number}.xlsx"


def test_other_orders_codes_stay_out(order):
    factories.codes(order)
    factories.codes(factories.order(factories.CODES))
    assert len(rows_of(order)) == 4


def test_as_many_queries_for_many_codes(db):
    counts = []
    for number in (1, 20):
        order = factories.order(factories.CODES, number_of_codes=number)
        for code in factories.codes(order):
            factories.redemption(code)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            rows_of(order)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_no_code_is_logged_whatever_the_log_level(order, caplog):
    caplog.set_level(logging.DEBUG)
    # As in DEBUG: Django hands each statement, with its values, to the logger of the database.
    connection.force_debug_cursor = True
    try:
        codes = factories.codes(order)
        assert usable_code(str(codes[0]), None) == codes[0]
        factories.redemption(codes[0])
        rows_of(order)
        assert any(codes[0].code in query["sql"] for query in connection.queries)
    finally:
        connection.force_debug_cursor = False
    for code in codes:
        assert code.code not in caplog.text
        assert str(code) not in caplog.text
