"""The lists: pending_requests, find_code, inventory_report."""

import csv
import io
import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from activation_codes.services.redemptions import reclaim_redemption
from licenses.models import Order, Outcome
from licenses.services.enrollments import enroll_student, enroll_teacher
from licenses.services.order_edits import set_active
from licenses.services.requests import request_order
from licenses.services.suspensions import suspend_order
from renewals.models import RenewalRequest
from tests import factories
from tests.commands import refusal, run

# pending_requests


@pytest.fixture
def pending(admin, hub_admin, sue):
    """Three pending requests, the oldest first, and one that isn't pending."""
    family = factories.products(1)
    first = factories.license_request(membership=hub_admin, product_mix=family, students=None)
    order = factories.order(assigned_to=admin.organization, product_mix=family, by=sue)
    second = factories.renewal_request(order, membership=admin, comments="Once more.")
    third = factories.license_request(membership=admin, product_mix=family, purchase_order="=P")
    done = factories.license_request(membership=admin, product_mix=family)
    Order.objects.filter(pk=done.pk).update(
        outcome=Outcome.REJECTED, reviewed_by=sue, reviewed_at=done.requested_at
    )
    for row, ago in ((first, 9), (second, 4), (third, 2)):
        row.requested_at -= factories.timedelta(days=ago)
        type(row).objects.filter(pk=row.pk).update(requested_at=row.requested_at)
    return [first.number, order.number, third.number]


def test_pending_requests(pending):
    rows = json.loads(run("pending_requests", "--format", "json"))
    assert [row["order_number"] for row in rows] == pending
    assert [row["request"] for row in rows] == ["new license", "renewal", "new license"]
    assert [row["days_waiting"] for row in rows] == [9, 4, 2]
    assert [row["students"] for row in rows] == ["unlimited", 100, 30]
    assert [row["requested_to"] for row in rows] == ["CCI Learning", "Harbour Hub", "Harbour Hub"]
    assert rows[1]["comments"] == "Once more."


def test_pending_requests_in_other_formats(pending):
    table = run("pending_requests").splitlines()
    assert table[0].startswith("Order number  Request")
    assert len(table) == 5
    rows = list(
        csv.DictReader(
            io.StringIO(run("pending_requests", "--format", "csv").removeprefix("\ufeff"))
        )
    )
    assert [int(row["order_number"]) for row in rows] == pending
    assert rows[2]["purchase_order"] == "'=P"


def test_pending_requests_of_one_supplier(pending):
    rows = json.loads(run("pending_requests", "--to", "harbour hub", "--format", "json"))
    assert [row["order_number"] for row in rows] == pending[1:]
    assert run("pending_requests", "--to", "Tolano Adventures") == "There are no pending requests."
    assert 'no organization "Nowhere"' in refusal("pending_requests", "--to", "Nowhere")
    assert "invalid choice" in refusal("pending_requests", "--format", "xml")


def test_nothing_is_pending(db):
    assert run("pending_requests") == "There are no pending requests."
    assert run("pending_requests", "--format", "json") == "[]"
    assert run("pending_requests", "--format", "csv").count("\n") == 0


def queries(*argv):
    with CaptureQueriesContext(connection) as captured:
        run(*argv)
    return len(captured)


def test_as_many_queries_for_many_requests(pending, admin):
    few = queries("pending_requests")
    for _at in range(5):
        factories.license_request(membership=factories.member())
        factories.renewal_request(membership=None)
    assert queries("pending_requests") == few


# find_code


def test_find_an_activation_code(sue, admin):
    order = factories.order(
        factories.CODES, assigned_to=admin.organization, by=sue, users_per_code=3
    )
    code = factories.codes(order, by=sue)[0]
    ann = factories.redemption(
        code, user=factories.person("ann", first_name="Ann", last_name="Lee")
    )
    gone = factories.redemption(code)
    reclaim_redemption(redemption=gone, by=sue)
    (row,) = json.loads(run("find_code", f" {str(code).lower()} ", "--format", "json"))
    assert row == {
        "code": str(code),
        "kind": "Activation code",
        "order_number": order.number,
        "organization": "Tolano Adventures",
        "status": "Available",
        "start_date": order.start_date.isoformat(),
        "finish_date": order.finish_date.isoformat(),
        "users": 3,
        "used": 1,
        "people": f"Ann Lee ({ann.enrollment.user.username})",
    }
    assert str(code) in run("find_code", code.code)
    assert run("find_code", code.code, "--format", "csv").startswith("\ufeffcode,kind,order_number")


def test_find_a_teacher_code(sue, admin, teacher):
    order = factories.order(assigned_to=admin.organization, by=sue, teacher_code="SALES-1124-0817")
    enroll_teacher(order=order, user=teacher.user, by=sue)
    (row,) = json.loads(run("find_code", "sales 11240817", "--format", "json"))
    assert (row["code"], row["kind"]) == ("SALES-1124-0817", "Teacher code")
    assert (row["order_number"], row["users"]) == (order.number, None)
    assert row["people"] == f"{teacher.user} ({teacher.user.username})"


def test_find_a_code_from_standard_input(sue, admin, monkeypatch):
    order = factories.order(assigned_to=admin.organization, by=sue, teacher_code="SALES-1124-0817")
    monkeypatch.setattr("sys.stdin", io.StringIO("SALES-1124-0817\n"))
    assert str(order.number) in run("find_code", "-")
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert "typing error" in refusal("find_code", "-")


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("", "typing error"),
        ("BCDFG-HJKM", "typing error"),
        ("BCDFG-HJKM-NPQR", "typing error"),
        ("22222-2222-222=", "typing error"),
        ("'; drop table", "typing error"),
    ],
)
def test_a_typing_error_is_reported(db, typed, message):
    assert message in refusal("find_code", "--", typed)


def test_an_unknown_code_is_reported(sue):
    order = factories.order(factories.CODES, by=sue)
    code = factories.codes(order, by=sue)[0]
    typed = code.code
    code.delete()
    line = refusal("find_code", typed)
    assert "No order that you can see" in line
    assert typed not in line


# inventory_report


def report(*argv):
    return json.loads(run("inventory_report", *argv, "--format", "json"))


def test_report(sue, admin, hub_admin):
    mix = factories.products(1)
    make = {"product_mix": mix, "by": sue}
    parent = factories.order(
        assigned_to=hub_admin.organization, students=50, finish_date=factories.days(200), **make
    )
    child = factories.order(
        assigned_to=admin.organization,
        parent=parent,
        students=20,
        finish_date=factories.days(30),
        **make,
    )
    enroll_student(order=child, user=factories.person(), by=sue)
    factories.order(
        assigned_to=admin.organization, students=None, finish_date=factories.days(61), **make
    )
    codes = factories.order(
        factories.CODES,
        assigned_to=admin.organization,
        number_of_codes=4,
        users_per_code=5,
        finish_date=factories.days(31),
        **make,
    )
    factories.redemption(factories.codes(codes, by=sue)[0])
    suspend_order(order=codes, by=sue, reason="Unpaid.")
    factories.license_request(membership=admin, product_mix=mix)
    rows = {(row["organization"], row["inventory_type"], row["status"]): row for row in report()}
    assert list(rows) == [
        ("Harbour Hub", "Center License", "Available"),
        ("Tolano Adventures", "Center License", "Requested"),
        ("Tolano Adventures", "Center License", "Available"),
        ("Tolano Adventures", "User Activation Codes", "Suspended"),
    ]
    numbers = [
        [row[name] for name in ("orders", "seats", "unlimited", "taken", "free")]
        + [row[f"ends_in_{days}"] for days in (30, 60, 90)]
        for row in rows.values()
    ]
    assert numbers == [
        [1, 50, 0, 20, 30, 0, 0, 0],
        [1, 0, 0, 0, 0, 0, 0, 0],
        [2, 20, 1, 1, 19, 1, 1, 2],
        [1, 20, 0, 1, 19, 0, 0, 0],
    ]


def test_report_says_the_same_as_the_orders(sue, admin):
    order = factories.order(
        factories.CODES, assigned_to=admin.organization, number_of_codes=8, users_per_code=3, by=sue
    )
    set_active(order=order, is_active=False, by=sue)
    order.refresh_from_db()
    (row,) = report()
    assert (row["seats"], row["taken"], row["free"]) == (
        order.seats,
        order.seats_taken,
        order.seats_available,
    )
    assert row["status"] == "Inactive"


def test_report_of_a_scope(sue, admin, hub_admin, foreign_admin):
    for membership in (admin, hub_admin, foreign_admin):
        factories.order(assigned_to=membership.organization, by=sue)
    rows = report("--organization", "Harbour Hub")
    assert [row["organization"] for row in rows] == ["Harbour Hub", "Tolano Adventures"]
    assert 'no organization "x"' in refusal("inventory_report", "--organization", "x")
    assert len(run("inventory_report").splitlines()) == 5


def test_report_of_nothing(db):
    assert run("inventory_report") == "There are no orders."
    assert run("inventory_report", "--format", "json") == "[]"


def test_as_many_queries_for_many_orders(sue, admin):
    factories.order(assigned_to=admin.organization, by=sue)
    few = queries("inventory_report")
    for _at in range(5):
        factories.order(factories.CODES, by=sue)
    # How much memory it may use, and the report.
    assert queries("inventory_report") == few == 2


def test_reports_name_what_was_requested(sue, admin):
    """A renewal shows the requested number, not the order's."""
    order = factories.order(assigned_to=admin.organization, by=sue, students=10)
    factories.renewal_request(order, membership=admin, students=77)
    request_order(
        organization=admin.organization,
        inventory_type=factories.CODES,
        products=factories.products(1),
        by=admin.user,
        students=12,
        users_per_code=6,
    )
    students = {row["students"] for row in json.loads(run("pending_requests", "--format", "json"))}
    assert students == {77, 12}
    assert RenewalRequest.objects.count() == 1
