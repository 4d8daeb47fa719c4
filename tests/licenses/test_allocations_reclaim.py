"""The Reclaim Seats window: unused seats of an order that we assigned."""

import uuid

import pytest

from jasper_inventory.accounts.models import Level
from licenses.models import Order
from licenses.services.enrollments import enroll_student
from tests import factories
from tests.factories import CODES
from tests.helpers import change
from tests.licenses.acts import allocate, parent_of
from tests.pages import DIALOG, facts, field_errors, notifications, page_text, parsed, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def site(sign_in, hub_admin):
    return sign_in(hub_admin)


@pytest.fixture
def child(hub, center, hub_admin):
    """40 students of the hub's 100, one of them taken."""
    child = allocate(parent_of(hub), center, hub_admin.user)
    enroll_student(order=child, user=factories.person(), by=factories.staff())
    return child


def address(order):
    return f"/inventory/{order.number}/take-back/"


def fresh(order):
    return Order.objects.get(pk=order.pk)


def test_it_shows_what_can_be_reclaimed(site, child):
    response = site.get(address(child))

    assert text(parsed(response).cssselect("h1")[0]) == "Reclaim Seats"
    shown = facts(response)
    assert shown["Assigned To"] == "Tolano Adventures"
    assert shown["Can Be Reclaimed"] == "39 of 40 seats"
    assert text(parsed(response).cssselect('label[for="id_number"]')[0]) == "Students*"


def test_if_there_is_nothing_to_reclaim_it_says_so_without_a_form(
    site, child, hub, center, hub_admin
):
    change(child, students=1)
    parent = factories.order(assigned_to=hub, students=None)
    unlimited = factories.order(
        assigned_to=center,
        parent=parent,
        product_mix=parent.products.all(),
        students=None,
        by=hub_admin.user,
    )
    for order, why in ((child, "nothing to reclaim right now"), (unlimited, "Suspend it instead")):
        page = site.get(address(order))
        assert why in page_text(page)
        assert not parsed(page).cssselect("[name=number], main [type=submit]")


def test_for_codes_the_field_is_codes(site, hub, center, hub_admin):
    child = allocate(parent_of(hub, CODES), center, hub_admin.user)
    response = site.get(address(child))

    assert facts(response)["Can Be Reclaimed"] == "4 of 4 codes"
    assert text(parsed(response).cssselect('label[for="id_number"]')[0]) == "Number of Codes*"


def test_it_works_as_a_dialog(site, child):
    response = site.get(address(child), **DIALOG)

    assert b"<html" not in response.content
    done = site.post(address(child), {"number": 9, "reason": "Unused"}, **DIALOG)
    assert done.headers["HX-Redirect"] == "/inventory/"


def test_seats_are_reclaimed(site, child):
    token = str(uuid.uuid4())
    for _time in range(2):
        response = site.post(address(child), {"form_token": token, "number": 9, "reason": "Unused"})
        assert (response.status_code, response.url) == (302, "/inventory/")

    assert notifications(site.get("/inventory/"))[0] == (
        f"9 seats were reclaimed from order {child.number} of {child.assigned_to}. They are "
        f"available again in order {child.parent.number}."
    )
    assert fresh(child).students == 31
    assert fresh(child.parent).allocated == 31


@pytest.mark.parametrize(
    ("typed", "field", "message"),
    [
        ({"number": "40"}, "number", "Only 39 seats are neither taken nor allocated."),
        ({"number": "0"}, "number", "At least 1."),
        ({"number": "all"}, "number", "Enter a whole number, such as 1,000."),
        ({"number": ""}, "number", "This field is required."),
        ({"number": "1", "reason": ""}, "reason", "This field is required."),
        ({"number": "1", "reason": "x" * 501}, "reason", "at most 500"),
    ],
)
def test_bad_input_is_shown_next_to_its_field_and_nothing_is_lost(
    site, child, typed, field, message
):
    typed = {"reason": "They asked us to", **typed}
    response = site.post(address(child), typed)

    assert message in field_errors(response)[field]
    page = parsed(response)
    assert (page.cssselect("#id_reason")[0].get("value") or "") == typed["reason"]
    assert (page.cssselect("#id_number")[0].get("value") or "") == typed["number"]
    assert fresh(child).students == 40


def test_only_of_orders_that_ones_own_organization_assigned(site, sign_in, child, admin, center):
    from_cci = factories.order(assigned_to=center)
    own = child.parent
    assert site.get(address(from_cci)).status_code == 404
    assert site.get(address(own)).status_code == 404
    sibling = factories.member(factories.organization(level=Level.HUB))
    assert sign_in(sibling).get(address(child)).status_code == 404
    above = factories.member(factories.organization(level=Level.DISTRIBUTOR))
    assert sign_in(above).post(address(child), {"number": 1}).status_code == 404
    assert sign_in(admin).get(address(child)).status_code == 403


def test_an_organization_above_the_supplier_sees_the_order_but_takes_nothing(sign_in, staff):
    reseller = factories.organization(level=Level.RESELLER)
    hub = factories.organization(level=Level.HUB, parent=reseller)
    child = allocate(parent_of(hub), factories.organization(parent=hub), staff)
    site = sign_in(factories.member(reseller))
    assert site.get(f"/inventory/{child.number}/edit/").status_code == 200
    assert site.get(address(child)).status_code == 404


def test_other_methods(site, child):
    assert site.delete(address(child)).status_code == 405
