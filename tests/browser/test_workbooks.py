"""A large workbook of codes, written in the background while the window is open or closed."""

import io

import openpyxl
import pytest
from playwright.sync_api import expect

from activation_codes.models import CodeWorkbook
from activation_codes.services import workbooks
from tests import factories
from tests.browser.screens import fits

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def queue(settings, monkeypatch):
    """Tasks stay in the queue until a test runs them; five codes are many."""
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    monkeypatch.setattr(workbooks, "MOST_AT_ONCE", 4)


@pytest.fixture
def order(center):
    order = factories.order(factories.CODES, assigned_to=center, number_of_codes=9)
    factories.codes(order)
    return order


def open_window(page, order):
    page.goto("/inventory/")
    page.locator(f"a[href*='/{order.number}/codes/']").first.click()


def start(page, order):
    open_window(page, order)
    page.get_by_role("link", name="Download Codes").click()
    expect(page.get_by_text("Writing the workbook: 0 of 9 codes so far")).to_be_visible()
    expect(page.get_by_role("progressbar")).to_be_visible()


def write():
    workbooks.write_workbook.call(CodeWorkbook.objects.get().pk)


def codes_of(download):
    content = io.BytesIO(download.path().read_bytes())
    return openpyxl.load_workbook(content).active.max_row - 1


def test_the_dialog_shows_when_the_workbook_is_ready(open_site, admin, order, axe):
    page = open_site(admin, width=320)
    start(page, order)
    expect(page.locator("#dialog")).to_be_visible()
    fits(page)
    axe(page)

    write()

    ready = page.get_by_role("status").filter(has_text="The workbook is ready.")
    expect(ready).to_be_visible()
    expect(page.get_by_role("button", name="Cancel Download")).to_have_count(0)
    axe(page)
    # The new link of the window gets the file, too.
    for link in page.get_by_role("link", name="Download Codes").all():
        with page.expect_download() as download:
            link.click()
        assert codes_of(download.value) == 9


def test_without_the_window_and_without_javascript(open_site, admin, order, js):
    page = open_site(admin, js=js)
    start(page, order)
    page.goto("/")
    write()
    open_window(page, order)
    expect(page.get_by_text("The workbook is ready.")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download Codes").last.click()
    assert codes_of(download.value) == 9


def test_it_is_canceled(open_site, admin, order, js):
    page = open_site(admin, js=js)
    start(page, order)

    page.get_by_role("button", name="Cancel Download").click()

    text = f"The download of the codes of order {order} was canceled."
    expect(page.get_by_text(text)).to_be_visible()
    expect(page.get_by_role("progressbar")).to_have_count(0)
    assert not CodeWorkbook.objects.exists()
