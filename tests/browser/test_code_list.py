"""The list of codes: hand 30 to a class, print their cards, and use the address of a QR code."""

import pytest
from playwright.sync_api import expect

from activation_codes.models import Handout
from jasper_inventory.accounts.models import Role
from licenses.services.enrollments import enroll_teacher
from tests import factories
from tests.browser.screens import window
from tests.factories import CODES

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def site_address(settings, live_server):
    settings.SITE_URL = live_server.url


@pytest.fixture
def order(center):
    order = factories.order(CODES, assigned_to=center, number_of_codes=40)
    factories.codes(order)
    return order


def test_30_codes_are_handed_to_a_class_with_five_clicks_and_printed(
    open_site, admin, order, js, axe
):
    def check():
        if js:
            axe(page)

    page = open_site(admin, js=js)
    page.add_init_script("window.print = () => { document.body.dataset.printed = true }")
    page.goto("/")
    # Five clicks from the panel.
    page.get_by_role("link", name="License Inventory").last.click()
    page.locator(f"a[href*='/{order.number}/codes/']").first.click()
    window(page, js).get_by_role("link", name="List of Codes").click()
    page.get_by_role("textbox", name="Next unused codes").fill("30")
    page.get_by_role("button", name="Hand Out").first.click()
    handing_out = window(page, js)
    check()
    handing_out.get_by_label("Name").fill("Class 7b")
    handing_out.get_by_role("button", name="Hand Out 30 Codes").click()

    expect(page.get_by_text(f"30 codes of order {order} were handed out")).to_be_visible()
    assert Handout.objects.get().codes.count() == 30
    check()
    page.get_by_role("button", name="Print Cards").last.click()
    expect(page.locator(".cards li")).to_have_count(30)
    expect(page.locator("body[data-printed]")).to_have_count(1 if js else 0)
    check()


def test_selected_codes_are_copied_and_replaced(open_site, admin, order, js):
    page = open_site(admin, js=js)
    page.goto(f"/inventory/{order.number}/codes/list/")
    for box in page.locator("[name=codes]").all()[:2]:
        box.check()
    page.get_by_role("button", name="Copy").first.click()
    copied = window(page, js).locator("textarea").input_value()
    assert len(copied.split()) == 2


def test_one_box_selects_all_codes_of_the_page(open_site, admin, order):
    page = open_site(admin)
    page.goto(f"/inventory/{order.number}/codes/list/")
    page.get_by_label("Select all codes of this page").check()
    expect(page.locator("[name=codes]:checked")).to_have_count(25)
    expect(page.get_by_text("(25)")).to_be_visible()


def test_the_address_of_a_qr_code_fills_in_the_code(open_site, order, live_server):
    code = str(order.activation_codes.first())
    requested = []
    page = open_site()
    page.on("request", lambda request: requested.append(request.url))

    page.goto(f"{live_server.url}/activate/#{code}")

    expect(page.get_by_label("Activation code")).to_have_value(code)
    assert page.evaluate("location.href") == f"{live_server.url}/activate/"
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_text("Create your account")).to_be_visible()
    assert not [address for address in requested if code in address.partition("#")[0]]


def test_the_address_of_a_poster_fills_in_the_group_key(open_site, center, live_server):
    order = factories.order(assigned_to=center)
    teacher = factories.member(center, Role.TEACHER)
    key = enroll_teacher(order=order, user=teacher.user, by=factories.staff()).enrollment.group_key

    page = open_site()
    page.goto(f"{live_server.url}/link/#{key}")
    expect(page.get_by_label("Group key")).to_have_value(str(key))


def test_other_fragments_fill_in_nothing(open_site, live_server, db):
    page = open_site()
    page.goto(f"{live_server.url}/activate/#main")
    expect(page.get_by_label("Activation code")).to_have_value("")
    assert page.evaluate("location.hash") == "#main"


def test_without_javascript_the_code_is_typed(open_site, order, live_server):
    code = str(order.activation_codes.first())
    page = open_site(js=False)
    page.goto(f"{live_server.url}/activate/#{code}")
    page.get_by_label("Activation code").fill(code)
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_text("Create your account")).to_be_visible()
