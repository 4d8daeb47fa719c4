"""Type to find an organization, with and without script."""

import re

import pytest
from playwright.sync_api import expect

from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def orders(hub, center):
    other = factories.organization("Tolano Annex", parent=hub)
    return {one.name: factories.order(assigned_to=one) for one in (center, other)}


def test_suggestions_appear_while_typing(open_site, hub_admin, orders, axe):
    page = open_site(hub_admin)
    page.goto("/inventory/")
    box = page.get_by_label(re.compile(r"^\s*Organization"))
    box.press_sequentially("annex")
    expect(page.locator("#search_holder_list option")).to_have_count(1)
    expect(page.locator("#search_holder_list option")).to_have_attribute("value", "Tolano Annex")
    axe(page)
    box.fill("Tolano Annex")
    box.press("Enter")
    expect(page.get_by_role("rowheader")).to_have_text([str(orders["Tolano Annex"].number)])
    expect(box).to_have_value("Tolano Annex")


def test_an_ambiguous_name_needs_a_choice(open_site, hub_admin, orders, axe_anywhere, js):
    page = open_site(hub_admin, js=js)
    page.goto("/inventory/")
    page.get_by_label(re.compile(r"^\s*Organization")).fill("tolano")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_text("Several organizations match. Choose one.")).to_be_visible()
    if js:
        axe_anywhere(page)
    page.get_by_role("group", name="Which one?").get_by_label("Tolano Adventures").check()
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("rowheader")).to_have_text([str(orders["Tolano Adventures"].number)])
