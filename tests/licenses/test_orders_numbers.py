"""Whole numbers as people type them, on the real pages."""

import uuid

import pytest

from licenses.models import LicenseRequest, Order
from renewals.models import RenewalRequest
from tests import admin_pages as ui
from tests import factories
from tests.commands import refusal, run
from tests.pages import field_errors, rows, window_values

pytestmark = pytest.mark.django_db

GROUPED = ["1,000", "1 000", "1\u00a0000", "1\u202f000", "1\u2009000", "1\u2007000", "１０００"]
REFUSED = [("1.000", "without a decimal point"), ("13.0", "without a decimal point")]
REFUSED += [("1,00", "groups of three"), ("-5", "minus sign"), ("1e3", "Enter a whole number")]


@pytest.fixture
def parent(hub):
    return factories.order(assigned_to=hub, students=5000)


def request_license(sign_in, admin, hub_admin, parent, center, typed):
    values = {
        "form_token": str(uuid.uuid4()),
        "inventory_type": "center",
        "students": typed,
        "products": [factories.products(1)[0].pk],
    }
    response = sign_in(admin).post("/inventory/request/", values)
    return response, lambda: Order.objects.latest("number").requested_students


def assign(sign_in, admin, hub_admin, parent, center, typed):
    values = {
        "form_token": str(uuid.uuid4()),
        "assigned_to": center.pk,
        "students": typed,
        "start_date": factories.today().isoformat(),
        "finish_date": parent.finish_date.isoformat(),
        "products": [product.pk for product in parent.products.all()],
    }
    response = sign_in(hub_admin).post(f"/inventory/{parent.number}/assign/", values)
    return response, lambda: Order.objects.latest("number").students


def edit(sign_in, admin, hub_admin, parent, center, typed):
    order = factories.order(
        assigned_to=center, parent=parent, product_mix=list(parent.products.all()), students=20
    )
    site, address = sign_in(hub_admin), f"/inventory/{order.number}/edit/"
    values = {**window_values(site.get(address)), "students": typed}
    return site.post(address, values), lambda: Order.objects.get(pk=order.pk).students


def renew(sign_in, admin, hub_admin, parent, center, typed):
    order = factories.order(assigned_to=center)
    site, address = sign_in(admin), f"/inventory/{order.number}/renew/"
    values = {**window_values(site.get(address)), "students": typed}
    return site.post(address, values), lambda: RenewalRequest.objects.get().requested_students


PAGES = [request_license, assign, edit, renew]


@pytest.mark.parametrize("typed", GROUPED)
@pytest.mark.parametrize("act", PAGES)
def test_grouped_digits_are_read(sign_in, admin, hub_admin, parent, center, act, typed):
    response, number = act(sign_in, admin, hub_admin, parent, center, typed)
    assert response.status_code == 302
    assert number() == 1000


@pytest.mark.parametrize(("typed", "why"), REFUSED)
@pytest.mark.parametrize("act", PAGES)
def test_a_number_that_isnt_whole_is_refused(
    sign_in, admin, hub_admin, parent, center, act, typed, why
):
    response, _number = act(sign_in, admin, hub_admin, parent, center, typed)
    assert why in field_errors(response)["students"]


@pytest.mark.parametrize("typed", GROUPED)
def test_the_admin_reads_grouped_digits(sign_in, staff, typed):
    client = sign_in(staff)
    order, license_request = factories.order(students=20), factories.license_request()
    ui.fill(client, ui.url(Order, "change", order.pk), students=typed)
    ui.approve(client, ui.url(LicenseRequest, "change", license_request.pk), students=typed)
    for row in (order, license_request):
        row.refresh_from_db()
        assert row.students == 1000


@pytest.mark.parametrize(("typed", "why"), REFUSED)
def test_the_admin_refuses_a_number_that_isnt_whole(sign_in, staff, typed, why):
    client = sign_in(staff)
    order, license_request = factories.order(students=20), factories.license_request()
    edited = ui.fill(client, ui.url(Order, "change", order.pk), students=typed)
    approved = ui.approve(
        client, ui.url(LicenseRequest, "change", license_request.pk), students=typed
    )
    for response in (edited, approved):
        assert why in ui.errors(response)["students"]


def test_an_order_number_is_found_as_typed_and_never_with_a_point(sign_in, admin, staff, center):
    by = factories.staff()
    order = factories.order(assigned_to=center, number=41_234, by=by)
    site, office = sign_in(admin), sign_in(staff)
    for typed in ("41234", "41,234", "41 234"):
        found = rows(site.get("/inventory/", {"number": typed}))
        assert [row["Order Number"].split()[0] for row in found] == [str(order)]
        assert len(ui.listed(office.get(ui.url(Order, "changelist", q=typed)))) == 1
    assert "decimal point" in field_errors(site.get("/inventory/", {"number": "41234.0"}))["number"]
    assert not ui.listed(office.get(ui.url(Order, "changelist", q="41234.0")))


def test_commands_read_grouped_digits_and_refuse_points(center, staff):
    mix = factories.products(1)
    argv = ("assign_license", center.name, "center", "--product", mix[0].family.name)
    run(*argv, "--students", "1,000", "--by", staff.username)
    assert Order.objects.get().students == 1000
    for typed, why in REFUSED[:3]:
        assert why in refusal(*argv, "--students", typed, "--by", staff.username)
