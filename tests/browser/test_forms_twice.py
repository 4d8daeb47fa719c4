"""Impatient people press twice: at once, and while the next page is loading."""

import time

import pytest
from playwright.sync_api import expect

from activation_codes.views import courses
from jasper_inventory.accounts.models import User
from tests import factories
from tests.factories import CODES, PASSWORD

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("after", [0, 700], ids="after {} ms".format)
def test_a_new_pupil_has_one_account_and_one_seat(open_site, center, js, after, monkeypatch):
    shown = courses.licenses_of
    monkeypatch.setattr(courses, "licenses_of", lambda *what: (time.sleep(1.5), shown(*what))[1])
    order = factories.order(CODES, assigned_to=center, users_per_code=2)
    [code, *_] = factories.codes(order)
    page = open_site(js=js, width=320)
    page.goto("/activate/")
    page.get_by_label("Activation code").fill(str(code))
    page.get_by_role("button", name="Next").click()
    page.get_by_label("First name").fill("Ana")
    page.get_by_label("Last name").fill("Silva")
    page.get_by_label("Email or username").fill("ana@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    button = page.get_by_role("button", name="Create account")
    button.scroll_into_view_if_needed()
    # With the mouse: a locator's click waits until the first click's page is loaded.
    box = button.bounding_box()
    for wait in (after, 0):
        page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        page.wait_for_timeout(wait)

    expect(page.get_by_role("heading", name="My Courses")).to_be_visible()
    message = page.get_by_text("Your account was created. Your username is ana.silva.")
    expect(message).to_be_visible()
    assert User.objects.filter(last_name="Silva").count() == 1
    code.refresh_from_db()
    assert code.used == 1
