"""Everyday work with the License Inventory's list: filters, sorting, exports, saved views."""

import csv
import re

import pytest
from playwright.sync_api import expect

from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def orders(center):
    mix = factories.products(1)
    return [
        factories.order(assigned_to=center, product_mix=mix, finish_date=factories.days(days))
        for days in (40, 5, 20)
    ]


@pytest.mark.parametrize("js", [True, False])
def test_filter_sort_export_and_save_a_view(open_site, admin, orders, axe_anywhere, tmp_path, js):
    page = open_site(admin, js=js)
    page.goto("/inventory/")
    page.get_by_text("More filters").click()
    page.get_by_label("Ending Within (days)").fill("30")
    page.get_by_label("Center License", exact=True).check()
    page.get_by_role("button", name="Search", exact=True).click()
    expect(page.get_by_role("table")).to_contain_text("2 orders")
    expect(page.get_by_role("table")).to_contain_text("ends this week")

    page.get_by_role("link", name="Remove filter Inventory Type: Center License").click()
    expect(page).to_have_url(re.compile("ending=30"))
    expect(page.locator(".chip")).to_have_count(1)
    page.get_by_role("link", name="Finish Date").click()
    expect(page.locator("th[aria-sort=ascending]")).to_have_text("Finish Date")
    expect(page.locator("tbody th").first).to_have_text(str(orders[1].number))
    if js:
        axe_anywhere(page)

    page.get_by_text("Export", exact=True).click()
    with page.expect_download() as started:
        page.get_by_role("link", name="CSV (.csv)").click()
    started.value.save_as(tmp_path / "orders.csv")
    with open(tmp_path / "orders.csv", encoding="utf-8-sig", newline="") as file:
        exported = [int(row["Order Number"]) for row in csv.DictReader(file)]
    assert exported == [orders[1].number, orders[2].number]

    page.keyboard.press("Escape")
    page.get_by_role("link", name="Views", exact=True).click()
    expect(page.get_by_role("heading", name="Save This Search")).to_be_visible()
    if js:
        axe_anywhere(page)
    page.get_by_label("Name").fill("Ending soon")
    page.get_by_role("button", name="Save View").click()
    expect(page.locator(".notification")).to_contain_text("was saved")
    page.get_by_role("link", name="Clear all").click()
    expect(page.get_by_role("table")).to_contain_text("3 orders")
    page.get_by_role("link", name="Views", exact=True).click()
    page.get_by_role("link", name="Ending soon", exact=True).click()
    expect(page.get_by_role("table")).to_contain_text("2 orders")
    expect(page.locator("th[aria-sort=ascending]")).to_have_text("Finish Date")
