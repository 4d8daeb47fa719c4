"""All problems with dates are reported at once, with the rest of the form."""

import uuid

import pytest

from jasper_inventory.accounts.models import Level
from licenses.models import LicenseRequest, Order
from tests import admin_pages as ui
from tests import factories
from tests.commands import refusal
from tests.factories import days
from tests.pages import field_errors, window_values

pytestmark = pytest.mark.django_db


@pytest.fixture
def parent(hub):
    return factories.order(assigned_to=hub, students=100)


@pytest.fixture
def allocated(parent, center):
    mix = list(parent.products.all())
    return factories.order(assigned_to=center, parent=parent, product_mix=mix, students=20)


BOTH = {"start_date", "finish_date", "students"}


def sent(site, address, **typed):
    return set(field_errors(site.post(address, window_values(site.get(address)) | typed)))


def test_assign_reports_both_dates_and_the_number(sign_in, hub_admin, parent, center):
    typed = {"form_token": str(uuid.uuid4()), "assigned_to": center.pk, "students": "1.5"}
    typed |= {"start_date": str(days(-50)), "finish_date": str(days(500))}
    site = sign_in(hub_admin)
    assert sent(site, f"/inventory/{parent.number}/assign/", **typed) >= BOTH
    typed |= {"students": "5", "purchase_order": "x" * 65}
    found = sent(site, f"/inventory/{parent.number}/assign/", **typed)
    assert {"start_date", "finish_date", "purchase_order"} <= found


def test_edit_order_reports_both_dates_and_the_number(sign_in, hub_admin, allocated):
    typed = {"start_date": str(days(-50)), "finish_date": str(days(500)), "students": "1.5"}
    assert sent(sign_in(hub_admin), f"/inventory/{allocated.number}/edit/", **typed) >= BOTH


def test_edit_order_reports_swapped_dates_and_the_number(sign_in, hub_admin, allocated):
    typed = {"start_date": str(days(50)), "finish_date": str(days(40)), "students": "1.5"}
    found = sent(sign_in(hub_admin), f"/inventory/{allocated.number}/edit/", **typed)
    assert found == {"finish_date", "students"}


def test_edit_order_reports_dates_within_those_of_a_child_and_the_number(sign_in):
    reseller = factories.organization(level=Level.RESELLER)
    hub = factories.organization(level=Level.HUB, parent=reseller)
    parent = factories.order(assigned_to=reseller)
    mix = list(parent.products.all())
    order = factories.order(assigned_to=hub, parent=parent, product_mix=mix, students=20)
    center = factories.organization(parent=hub)
    factories.order(assigned_to=center, parent=order, product_mix=mix, students=5)
    typed = {"start_date": str(days(-5)), "finish_date": str(days(95)), "students": "1.5"}
    site = sign_in(factories.member(reseller))
    assert sent(site, f"/inventory/{order.number}/edit/", **typed) == BOTH


def test_a_renewal_reports_both_dates_and_the_number(sign_in, admin, center):
    order = factories.order(factories.CODES, assigned_to=center)
    typed = {"start_date": str(days(-5)), "finish_date": str(days(-3)), "students": ""}
    assert sent(sign_in(admin), f"/inventory/{order.number}/renew/", **typed) >= BOTH


def test_a_review_reports_both_dates_and_the_number(sign_in, admin, hub_admin, parent):
    mix = list(parent.products.all())
    license_request = factories.license_request(membership=admin, product_mix=mix)
    typed = {"start_date": str(days(-50)), "finish_date": str(days(500)), "students": "1.5"}
    address = f"/inventory/{license_request.number}/decide/"
    assert sent(sign_in(hub_admin), address, **typed, decision="approve") >= BOTH


def test_the_admin_reports_both_dates_and_the_number(sign_in, staff, allocated):
    client = sign_in(staff)
    license_request = factories.license_request()
    past = {"start_date": "never", "finish_date": days(-3), "students": "1.5"}
    outside = {"start_date": days(-50), "finish_date": days(500), "students": "1.5"}
    for address, typed in (
        (ui.url(LicenseRequest, "change", license_request.pk), {**past, "decision": "preview"}),
        (ui.url(Order, "add"), past),
        (ui.url(Order, "change", allocated.pk), outside),
    ):
        assert set(ui.errors(ui.fill(client, address, **typed))) >= BOTH, address


def test_a_command_reports_both_dates(center, hub_admin, parent):
    family = parent.products.first().family.name
    line = refusal(
        *("assign_license", center.name, "center", "--product", family, "--students", 500),
        *("--start", days(-50), "--finish", days(500), "--parent", parent.number),
        *("--by", hub_admin.user.username),
    )
    assert line.count("The parent order runs from") == 2
    assert "has only 100 left; this needs 500" in line
