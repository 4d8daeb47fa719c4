"""Download Codes: the workbook of the order's codes."""

import io
import logging

import openpyxl
import pytest

from tests import factories


@pytest.fixture
def site(sign_in, admin):
    return sign_in(admin)


@pytest.fixture
def order(center):
    return factories.order(factories.CODES, assigned_to=center, number_of_codes=3)


def address(order):
    return f"/inventory/{order.number}/codes/download/"


def workbook(response):
    return openpyxl.load_workbook(io.BytesIO(b"".join(response.streaming_content)))


def test_it_holds_the_codes_and_who_redeemed_them(site, order):
    codes = factories.codes(order)
    person = factories.person(first_name="=Ann", last_name="Lee", email="ann@example.com")
    factories.redemption(codes[1], user=person)

    response = site.get(address(order))

    assert response["Content-Type"] == (
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    )
    assert str(order.number) in response["Content-Disposition"]
    assert "no-store" in response["Cache-Control"]
    rows = list(workbook(response).active.values)
    assert rows == [
        ("Code", "Users (per code)", "Name", "Last Name", "Email"),
        (str(codes[0]), 1, None, None, None),
        (str(codes[1]), 1, "=Ann", "Lee", "ann@example.com"),
        (str(codes[2]), 1, None, None, None),
    ]


def test_no_code_is_in_a_log(site, order, caplog):
    caplog.set_level(logging.DEBUG)
    codes = factories.codes(order)

    b"".join(site.get(address(order)).streaming_content)

    for code in codes:
        assert code.code not in caplog.text
        assert str(code) not in caplog.text


def test_before_codes_exist_there_is_nothing_to_download(site, order):
    assert site.get(address(order)).status_code == 404


def test_only_the_holder_downloads(sign_in, hub_admin, foreign_admin, order):
    factories.codes(order)

    assert sign_in(hub_admin).get(address(order)).status_code == 403
    assert sign_in(foreign_admin).get(address(order)).status_code == 404


def test_the_queries_do_not_grow_with_the_codes(site, center, django_assert_num_queries):
    site.get("/")
    for number in (1, 20):
        order = factories.order(factories.CODES, assigned_to=center, number_of_codes=number)
        for code in factories.codes(order):
            factories.redemption(code)
        with django_assert_num_queries(17):
            b"".join(site.get(address(order)).streaming_content)


def test_it_cannot_be_posted(site, order):
    assert site.post(address(order)).status_code == 405
