"""Exports: exactly what the page lists, as Excel and as CSV, in the role's scope."""

import csv
import io

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from licenses.models import Order
from licenses.services.enrollments import enroll_student
from tests import factories
from tests.pages import numbers, parsed, rows

pytestmark = pytest.mark.django_db


def content(response):
    assert response.status_code == 200
    assert response["Content-Disposition"].startswith("attachment")
    assert response["Cache-Control"] == "no-store"
    return b"".join(response.streaming_content)


def table(response):
    """The rows of an export of either kind, as {heading: value}."""
    file = content(response)
    if response["Content-Disposition"].endswith('.csv"'):
        assert file.startswith(b"\xef\xbb\xbf")
        return list(csv.DictReader(io.StringIO(file.decode("utf-8-sig"))))
    sheet = openpyxl.load_workbook(io.BytesIO(file)).active
    head, *lines = sheet.values
    return [dict(zip(head, line, strict=True)) for line in lines]


def menu_of(page):
    """The addresses of a page's export menu."""
    return [link.get("href") for link in parsed(page).cssselect(".export-menu a")]


def test_the_inventory_is_exported_as_searched_and_sorted(site, center):
    ends = [400, 300, 500]
    made = [factories.order(assigned_to=center, finish_date=factories.days(one)) for one in ends]
    factories.order(factories.CODES, assigned_to=center)
    page = site.get("/inventory/?type=center&sort=finish&page=1&rows=50")
    excel, plain = menu_of(page)
    for address in (excel, plain):
        exported = table(site.get(address))
        assert [int(row["Order Number"]) for row in exported] == numbers(page)
    assert exported[1]["Finish Date"] == made[0].finish_date.isoformat()
    listed = [head for head in rows(page)[0] if head != "Options"]
    assert [head for head in exported[0] if head in listed] == listed
    assert set(exported[0]) - {*listed} == {"Order Status", "Seats"}


def test_numbers_are_numbers_and_unlimited_orders_have_no_seats(site, admin, center):
    order = factories.order(assigned_to=center, students=5)
    enroll_student(order=order, user=factories.person(), by=admin.user)
    factories.order(assigned_to=center, students=None)
    unlimited, limited = table(site.get("/inventory/export/"))
    assert (limited["Students"], limited["Seats"]) == (1, 5)
    assert (unlimited["Students"], unlimited["Seats"]) == (0, None)
    assert limited["Order Status"] == "Available"


@pytest.mark.parametrize("typed", ["=1+1", "+1", "-1", "@SUM(1)"])
def test_no_text_becomes_a_formula(site, center, typed):
    order = factories.order(assigned_to=center)
    Order.objects.filter(pk=order.pk).update(purchase_order=typed)
    [row] = table(site.get("/inventory/export/?file=csv"))
    assert row["Purchase Order"] == f"'{typed}"
    file = io.BytesIO(content(site.get("/inventory/export/")))
    cells = [cell for row in openpyxl.load_workbook(file).active for cell in row]
    [cell] = [cell for cell in cells if cell.value == typed]
    assert cell.data_type == "s"


def test_a_supplier_exports_its_scope_only(sign_in, hub_admin, hub, center, foreign_admin):
    for holder in (hub, center):
        factories.order(assigned_to=holder)
    factories.order(assigned_to=foreign_admin.organization)
    exported = table(sign_in(hub_admin).get("/inventory/export/?file=csv"))
    assert [row["Assigned To"] for row in exported] == ["Tolano Adventures", "Harbour Hub"]


def test_a_search_that_the_page_refuses_is_not_exported(site, center):
    factories.order(assigned_to=center)
    for query in ("bogus=1", "number=x", "sort=bogus"):
        response = site.get(f"/inventory/export/?{query}&file=csv")
        assert response.url == f"/inventory/?{query}"
        assert menu_of(site.get(response.url)) == []
    assert site.get("/inventory/export/?file=pdf").status_code == 404


def test_an_export_needs_the_same_queries_for_many(site, center, monkeypatch):
    mix = factories.products()
    by = factories.staff()

    def queries():
        with CaptureQueriesContext(connection) as captured:
            table(site.get("/inventory/export/?file=csv"))
        return len(captured)

    factories.order(assigned_to=center, product_mix=mix, by=by)
    # The first request of a browser has more.
    queries()
    one = queries()
    for _ in range(9):
        factories.order(assigned_to=center, product_mix=mix, by=by)
    assert queries() == one
    monkeypatch.setattr("jasper_inventory.lib.pagination.EXPORTED", 3)
    assert len(table(site.get("/inventory/export/?file=csv"))) == 10


def test_requests_are_exported_as_listed(sign_in, hub_admin, admin):
    made = factories.license_request(membership=admin, purchase_order="PO-9")
    site = sign_in(hub_admin)
    excel, _plain = menu_of(site.get("/requests/"))
    [row] = table(site.get(excel))
    assert row["Request"] == f"New license {made.number}"
    assert row["Requested By"] == "Tolano Adventures"
    assert row["Pending Review By"] == "Harbour Hub"
    assert row["Purchase Order"] == "PO-9"
    assert table(site.get("/requests/export/?of=ours")) == []


def test_license_distribution_is_exported_with_all_children(sign_in, hub_admin, hub, center):
    factories.order(assigned_to=hub, students=7)
    factories.order(assigned_to=center, students=5)
    site = sign_in(hub_admin)
    _excel, plain = menu_of(site.get("/inventory/where/?type=center"))
    assert "type=center" in plain
    whole, child = table(site.get(plain))
    assert (whole["Organization"], child["Organization"]) == ("Harbour Hub", "Tolano Adventures")
    assert whole["Including sub-organizations: free"] == "12"
    assert child["Organization only: free"] == "5"


def test_license_distribution_is_exported_by_product_mix(sign_in, hub_admin, hub, mix):
    factories.order(assigned_to=hub, product_mix=mix[:1], students=7)
    _excel, plain = menu_of(sign_in(hub_admin).get("/inventory/where/?by=mix"))
    [row] = table(sign_in(hub_admin).get(plain))
    assert row["Product Mix"] == f"{mix[0].family}: {mix[0].name}"
    assert row["Including sub-organizations: free"] == "7"


def test_people_of_an_order_are_exported_as_searched_with_no_name_in_the_address(
    site, admin, center
):
    order = factories.order(assigned_to=center)
    for name in ("Ames", "Berg"):
        person = factories.person(last_name=name)
        enroll_student(order=order, user=person, by=admin.user)
    found = site.post(f"/inventory/{order.number}/people/", {"name": "berg"}, follow=True)
    _excel, plain = menu_of(found)
    assert "berg" not in plain.lower()
    [row] = table(site.get(plain))
    assert row["Name"].endswith("Berg")
    assert row["Role"] == "Student"
    assert len(table(site.get(f"/inventory/{order.number}/people/export/"))) == 2


def test_found_people_are_exported_by_the_key_of_their_search(site, center, admin):
    factories.member(center, user=factories.person(last_name="Zed"))
    found = site.post("/people/", {"typed": "zed"}, follow=True)
    excel, plain = menu_of(found)
    assert "zed" not in excel.lower()
    for address in (excel, plain):
        [row] = table(site.get(address))
        assert row["Name"].endswith("Zed")
    assert site.get("/people/export/?search=unknown").url == "/people/"
