"""A site license's curve, its alerts, the pause and a new teacher code, checked with axe."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from licenses.models import Alert, AlertKind, Order
from tests import factories
from tests.browser.screens import window
from tests.licenses.crowds import crowd

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def order(center):
    by = factories.staff()
    made = factories.order(assigned_to=center, students=None, by=by)
    crowd(made, 260, ago=timedelta(hours=2), apart=timedelta(minutes=40))
    Alert.objects.create(order=made, kind=AlertKind.STUDENTS, mark="250", students=250)
    return made


def test_from_the_order_to_the_pause_and_back(open_site, admin, order, js):
    page = open_site(admin, js=js)
    page.goto("/inventory/")
    page.get_by_role("link", name=f"Edit order {order.number}").click()
    window(page, js).get_by_role("link", name="Usage").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Usage")
    expect(page.get_by_role("img", name="Students over time")).to_be_visible()
    expect(page.get_by_text("250 students reached")).to_be_visible()
    page.get_by_text("Show the numbers as a table").click()
    expect(page.get_by_role("table", name="When students joined and left")).to_be_visible()

    page.get_by_role("link", name="Set Alerts").click()
    page.get_by_label("First Alert at").fill("600")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("greater than the first")
    expect(page.get_by_label("First Alert at")).to_have_value("600")
    page.get_by_label("Second Alert at").fill("700")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_contain_text("were set")

    page.get_by_role("link", name="Pause Enrollment").click()
    page.get_by_label("Reason").fill("In a forum")
    page.get_by_role("button", name="Pause Enrollment").click()
    expect(page.get_by_role("status")).to_contain_text("is paused")
    expect(page.get_by_text("In a forum")).to_be_visible()

    page.get_by_role("link", name="Replace Teacher Code").click()
    page.get_by_role("button", name="Replace Teacher Code").click()
    now = Order.objects.select_related("teacher_code").get(pk=order.pk)
    assert now.teacher_code != order.teacher_code
    expect(page.get_by_role("status")).to_contain_text(str(now.teacher_code))

    page.get_by_role("link", name="Resume Enrollment").click()
    page.get_by_role("button", name="Resume Enrollment").click()
    expect(page.get_by_role("status")).to_contain_text("was resumed")
    now.refresh_from_db()
    assert (now.first_alert, now.second_alert, now.joining_paused_at) == (600, 700, None)


def test_axe_finds_nothing_and_nothing_is_cut_off(open_site, admin, order, axe_anywhere):
    page = open_site(admin)
    empty = factories.order(assigned_to=order.assigned_to)
    for address in (
        f"/inventory/{order.number}/usage/",
        f"/inventory/{empty.number}/usage/",
        f"/inventory/{order.number}/alerts/",
        f"/inventory/{order.number}/pause/",
        f"/inventory/{order.number}/unpause/",
        f"/inventory/{order.number}/replace-code/",
    ):
        page.goto(address)
        if address.endswith(f"{order.number}/usage/"):
            page.get_by_text("Show the numbers as a table").click()
        axe_anywhere(page)
    page.goto(f"/inventory/{order.number}/alerts/")
    page.get_by_label("First Alert at").fill("")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_be_visible()
    axe_anywhere(page)


def test_alerts_near_each_other_can_be_read(open_site, admin, order):
    Order.objects.filter(pk=order.pk).update(first_alert=265, second_alert=270)
    page = open_site(admin, width=320)
    page.goto(f"/inventory/{order.number}/usage/")
    low, high = (page.get_by_text(f"Alert at {number}").bounding_box() for number in (265, 270))
    assert low["x"] + low["width"] < high["x"]
