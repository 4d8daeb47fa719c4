"""Teachers and the people of an order: each flow with and without JavaScript, axe on all."""

import pytest
from playwright.sync_api import expect

from licenses.models import Enrollment
from tests import factories
from tests.browser.screens import window
from tests.licenses.joins import link, teach

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def order(center):
    return factories.order(assigned_to=center, students=10)


@pytest.fixture
def own(order, teacher):
    return teach(order, teacher.user).enrollment


@pytest.fixture
def student(own):
    return link(own, factories.person("ben", first_name="Ben", last_name="Abel")).enrollment


@pytest.fixture
def codes(center, teacher):
    order = factories.order(factories.CODES, assigned_to=center)
    own = teach(order, teacher.user).enrollment
    link(own, factories.redemption(factories.codes(order)[0]).enrollment.user)
    return order


@pytest.mark.parametrize("width", [320, 1280])
def test_a_teacher_sees_the_students_and_replaces_the_key(
    open_site, teacher, own, student, js, width
):
    page = open_site(teacher, js=js, width=width)
    page.goto("/")
    old = str(own.group_key)
    expect(page.get_by_text(old, exact=True)).to_be_visible()
    page.get_by_role("link", name=f"1 of order {own.order}").click()
    expect(page.get_by_role("row", name="Ben Abel")).to_be_visible()

    page.get_by_role("link", name="Replace").click()
    replace = window(page, js)
    expect(replace).to_contain_text(f"The key {old} stops working immediately")
    replace.get_by_role("button", name="Replace Group Key").click()
    expect(page.get_by_role("status")).to_contain_text("The new group key works now")
    own.group_key.refresh_from_db()
    assert str(own.group_key) != old
    expect(page.get_by_text(str(own.group_key), exact=True)).to_be_visible()
    expect(page.get_by_role("row", name="Ben Abel")).to_be_visible()


def test_a_key_is_copied_and_it_is_said(open_site, live_server, teacher, own):
    page = open_site(teacher)
    page.context.grant_permissions(
        ["clipboard-read", "clipboard-write"], origin=live_server.url.rstrip("/")
    )
    page.goto("/")
    page.get_by_role("button", name="Copy Group Key").click()
    expect(page.get_by_text("Copied.")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == str(own.group_key)


def test_without_script_there_is_no_copy_button(open_site, teacher, own):
    page = open_site(teacher, js=False)
    page.goto("/")
    expect(page.get_by_role("link", name="Replace")).to_be_visible()
    expect(page.get_by_role("button", name="Copy")).to_have_count(0)


@pytest.mark.parametrize("width", [320, 1280])
def test_an_administrator_removes_a_student_and_restores_them(open_site, admin, student, js, width):
    page = open_site(admin, js=js, width=width)
    page.goto("/inventory/")
    page.get_by_role("link", name="1 of 10").click()
    page.get_by_role("link", name="Remove Ben Abel").click()
    remove = window(page, js)
    expect(remove).to_contain_text("The seat becomes free immediately")
    remove.get_by_role("button", name="Remove from Order").click()
    expect(page.get_by_role("status")).to_contain_text("Ben Abel was removed from order")
    assert Enrollment.objects.get(pk=student.pk).removed_at

    page.get_by_label("Removed", exact=True).check()
    page.get_by_role("button", name="Search").click()
    page.get_by_role("button", name="Restore Ben Abel").click()
    expect(page.get_by_role("status")).to_contain_text("Ben Abel was restored to order")
    assert Enrollment.objects.get(pk=student.pk).removed_at is None


def test_the_teacher_code_is_e_mailed_from_the_order(open_site, admin, order, js):
    page = open_site(admin, js=js)
    page.goto("/inventory/")
    page.get_by_role("link", name=f"Edit order {order.number}").click()
    window(page, js).get_by_role("link", name="Email teacher code").click()
    send = window(page, js)
    expect(send.get_by_role("heading", name="Email Teacher Code")).to_be_visible()
    send.get_by_label("Email addresses").fill("ann@example.com, bob")
    send.get_by_label("Note").fill("Welcome!")
    send.get_by_role("button", name="Send Teacher Code").click()
    send = window(page, js)
    expect(send.get_by_role("alert")).to_contain_text("“bob” is not an email address.")
    expect(send.get_by_label("Note")).to_have_value("Welcome!")
    send.get_by_label("Email addresses").fill("ann@example.com")
    send.get_by_role("button", name="Send Teacher Code").click()
    expect(page.get_by_role("status")).to_contain_text("is being sent to 1 address")
    expect(page.get_by_role("heading", name="License Inventory")).to_be_visible()


def test_axe_finds_nothing_on_the_pages(
    open_site, admin, teacher, own, student, codes, axe_anywhere
):
    number = own.order.number
    taught = ["/", f"/teaching/{number}/", f"/teaching/{number}/key/", f"/teaching/{codes.number}/"]
    held = [
        f"/inventory/{number}/people/",
        f"/inventory/{number}/people/?on=off&search=x",
        f"/inventory/{codes.number}/people/?role=students",
        f"/inventory/{number}/people/{own.pk}/remove/",
        f"/inventory/{number}/people/{student.pk}/remove/",
        f"/inventory/{number}/teacher-code/",
        f"/inventory/{number}/edit/",
    ]
    for who, addresses in ((teacher, taught), (admin, held)):
        page = open_site(who)
        for address in addresses:
            page.goto(address)
            axe_anywhere(page)
