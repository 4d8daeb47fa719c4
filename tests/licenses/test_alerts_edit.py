"""The Alerts window: the numbers of students at which an unlimited license alerts."""

import pytest

from licenses.models import Order
from tests import factories
from tests.licenses.acts import allocate, parent_of
from tests.pages import DIALOG, facts, field_errors, notifications, parsed, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(center, staff):
    return factories.order(assigned_to=center, students=None, by=staff)


def address(order):
    return f"/inventory/{order.number}/alerts/"


def numbers(order):
    return Order.objects.values_list("first_alert", "second_alert").get(pk=order.pk)


def test_the_holder_sets_both_numbers(sign_in, admin, order):
    site = sign_in(admin)
    page = site.get(address(order))
    assert text(parsed(page).cssselect("h1")[0]) == "Alerts"
    assert facts(page)["Students"] == "0 (unlimited)"
    shown = {
        field.name: field.value for field in parsed(page).cssselect("input.numberinput, input")
    }
    assert (shown["first_alert"], shown["second_alert"]) == ("400", "500")

    response = site.post(address(order), {"first_alert": "60", "second_alert": "90"})

    assert (response.status_code, response.url) == (302, "/inventory/")
    assert notifications(site.get("/inventory/")) == [
        f"The alerts for order {order} were set. We'll notify you when one is reached."
    ]
    assert numbers(order) == (60, 90)


def test_the_assigner_sets_them_too(sign_in, hub, center, hub_admin):
    child = allocate(parent_of(hub, students=None), center, hub_admin.user, students=None)
    back = f"/inventory/{child}/usage/"
    response = sign_in(hub_admin).post(
        f"{address(child)}?next={back}", {"first_alert": "1", "second_alert": "2"}
    )
    assert response.url == back
    assert numbers(child) == (1, 2)


@pytest.mark.parametrize(
    ("first", "second", "wrong"),
    [
        ("", "", {"first_alert", "second_alert"}),
        ("0", "500", {"first_alert"}),
        ("many", "500", {"first_alert"}),
        ("400", "1000001", {"second_alert"}),
        ("500", "500", {"second_alert"}),
    ],
)
def test_wrong_input_is_shown_again(sign_in, admin, order, first, second, wrong):
    response = sign_in(admin).post(address(order), {"first_alert": first, "second_alert": second})
    assert response.status_code == 200
    assert set(field_errors(response)) == wrong
    assert parsed(response).get_element_by_id("id_first_alert").value == (first or None)
    assert numbers(order) == (400, 500)


def test_limited_licenses_and_codes_have_no_alerts(sign_in, admin, center):
    site = sign_in(admin)
    for kind in (factories.CENTER, factories.CODES):
        order = factories.order(kind, assigned_to=center)
        assert site.get(address(order)).status_code == 404


def test_as_a_dialog_and_by_no_other_method(sign_in, admin, foreign_admin, hub_admin, order):
    assert b"<html" not in sign_in(admin).get(address(order), **DIALOG).content
    assert sign_in(admin).put(address(order)).status_code == 405
    typed = {"first_alert": "1", "second_alert": "2"}
    assert sign_in(foreign_admin).post(address(order), typed).status_code == 404
    # CCI assigned it.
    assert sign_in(hub_admin).post(address(order), typed).status_code == 403
    assert numbers(order) == (400, 500)
