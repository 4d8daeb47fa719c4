"""Create Codes: creates all that remain, once, and saves the boxes."""

import pytest

from activation_codes.models import ActivationCode
from licenses.services.suspensions import suspend_order
from tests import factories
from tests.pages import DIALOG, facts, notifications, page_text, parsed


@pytest.fixture
def site(sign_in, admin):
    return sign_in(admin)


@pytest.fixture
def order(center):
    return factories.order(factories.CODES, assigned_to=center, number_of_codes=4, users_per_code=2)


def address(order):
    return f"/inventory/{order.number}/codes/create/"


def test_it_creates_the_codes_and_says_so_in_the_window(site, order, admin):
    response = site.post(address(order), {"enable_benchmark": "on"})

    assert response.url == f"/inventory/{order.number}/codes/"
    window = site.get(response.url)
    assert notifications(window)[0].startswith("The activation codes were successfully created.")
    assert facts(window)["Codes Created By"] == str(admin.user)
    assert order.activation_codes.count() == 4
    assert set(order.activation_codes.values_list("users", "used")) == {(2, 0)}
    order.refresh_from_db()
    assert order.enable_benchmark
    assert not order.enable_badges


def test_pressed_twice_it_creates_them_once(site, order):
    site.post(address(order))
    site.get(f"/inventory/{order.number}/codes/")
    site.post(address(order))

    window = site.get(f"/inventory/{order.number}/codes/")
    assert notifications(window) == [f"The activation codes of order {order} were already created."]
    assert order.activation_codes.count() == 4


def test_in_a_dialog_the_window_stays_open(site, order):
    response = site.post(f"{address(order)}?next=/inventory/", {}, follow=True, **DIALOG)

    assert response.redirect_chain == [
        (f"/inventory/{order.number}/codes/?next=%2Finventory%2F", 302)
    ]
    assert not parsed(response).cssselect("header.menu-bar")
    assert "Download Codes" in page_text(response)


def test_a_stale_window_of_an_order_suspended_meanwhile_keeps_the_boxes_typed(site, order, staff):
    suspend_order(order=order, by=staff, reason="unpaid")

    response = site.post(address(order), {"teacher_required": "on"})

    assert response.status_code == 200
    page = parsed(response)
    assert "The license is suspended." in page_text(response)
    assert page.cssselect("[name=teacher_required][checked]")
    assert not page.cssselect("[name=enable_badges][checked]")
    assert not ActivationCode.objects.exists()


def test_opened_by_its_address_it_shows_the_window_and_creates_nothing(site, order):
    assert "Create Codes" in page_text(site.get(address(order)))
    assert not ActivationCode.objects.exists()


def test_a_hub_cannot_create_its_centers_codes(sign_in, hub_admin, order):
    assert sign_in(hub_admin).post(address(order)).status_code == 403
    assert not ActivationCode.objects.exists()


def test_a_foreign_order_is_not_found(sign_in, foreign_admin, order):
    assert sign_in(foreign_admin).post(address(order)).status_code == 404
    assert not ActivationCode.objects.exists()
