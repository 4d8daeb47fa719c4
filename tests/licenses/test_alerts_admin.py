"""CCI staff in the admin: alerts, pausing new enrollments, a new teacher code."""

import pytest

from licenses.models import Order
from tests import admin_pages as ui
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(center, staff):
    return factories.order(assigned_to=center, students=None, by=staff)


@pytest.fixture
def client(sign_in, staff):
    return sign_in(staff)


def fresh(order):
    return Order.objects.get(pk=order.pk)


def links(client, order):
    page = ui.page(client.get(ui.url(Order, "change", order.pk)))
    return {link.text_content().strip() for link in page.cssselect(".object-tools a")}


def test_the_page_of_an_order_links_to_them(client, order, center, admin):
    actions = {"Pause enrollment", "Replace teacher code", "Alerts"}
    assert actions <= links(client, order)
    assert not actions & links(client, factories.license_request(membership=admin))
    limited = factories.order(assigned_to=center)
    assert actions & links(client, limited) == actions - {"Alerts"}


def test_setting_the_alerts(client, order):
    page = ui.url(Order, "alerts_page", order.pk)
    assert ui.form_values(client.get(page))["second_alert"] == ["500"]
    response = ui.fill(client, page, first_alert="600", second_alert="500")
    assert "second_alert" in ui.errors(response)
    ui.fill(client, page, first_alert="300", second_alert="700")
    assert (fresh(order).first_alert, fresh(order).second_alert) == (300, 700)
    text = ui.page(client.get(ui.url(Order, "change", order.pk))).text_content()
    assert "at 300 and 700 students" in text


def test_pausing_and_allowing(client, order, staff):
    ui.fill(client, ui.url(Order, "pause_page", order.pk), reason="In a forum")
    assert fresh(order).joining_paused_by == staff
    text = ui.page(client.get(ui.url(Order, "change", order.pk))).text_content()
    assert "In a forum" in text
    assert "Resume enrollment" in links(client, order)
    page = ui.url(Order, "unpause_page", order.pk)
    assert "In a forum" in ui.page(client.get(page)).text_content()
    ui.fill(client, page)
    assert fresh(order).joining_paused_at is None


def test_replacing_the_code(client, order):
    page = ui.url(Order, "replace_code_page", order.pk)
    assert str(order.teacher_code) in ui.page(client.get(page)).text_content()
    assert fresh(order).teacher_code == order.teacher_code
    ui.fill(client, page)
    assert fresh(order).teacher_code != order.teacher_code


@pytest.mark.parametrize("name", ["alerts_page", "pause_page", "unpause_page", "replace_code_page"])
def test_staff_who_may_only_view_may_not_change_them(sign_in, order, name, django_user_model):
    looker = factories.person(is_staff=True)
    assert sign_in(looker).post(ui.url(Order, name, order.pk)).status_code == 403
    assert fresh(order).joining_paused_at is None
