"""A long list, written in the background while the page is open or closed."""

import pytest
from playwright.sync_api import expect

from jasper_inventory.accounts.models import ListExport
from jasper_inventory.accounts.services import list_exports
from tests import factories
from tests.browser.screens import fits

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def queue(settings):
    """Tasks stay in the queue until a test runs them; three rows are many."""
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    settings.EXPORT_ROWS_AT_ONCE = 2


@pytest.fixture
def orders(center):
    return [factories.order(assigned_to=center) for _number in range(3)]


def start(page):
    page.goto("/inventory/")
    page.locator(".export-menu summary").click()
    page.get_by_role("link", name="CSV (.csv)").click()
    expect(page.get_by_role("heading", name="Downloads")).to_be_visible()
    expect(page.get_by_text("In the queue")).to_be_visible()


def write():
    list_exports.write_export.call(ListExport.objects.get().pk)


def lines_of(download):
    return len(download.path().read_text(encoding="utf-8-sig").splitlines()) - 1


def test_the_page_shows_when_the_file_is_ready(open_site, admin, orders, axe):
    page = open_site(admin, width=320)
    start(page)
    fits(page)
    axe(page)
    cancel = page.get_by_role("button", name="Cancel")
    cancel.focus()

    write()

    link = page.get_by_role("link", name="Download")
    expect(link).to_be_visible()
    # The same button now deletes the file. It keeps the focus.
    expect(page.get_by_role("button", name="Delete")).to_be_focused()
    expect(page.get_by_role("status")).to_contain_text("3 rows as of")
    axe(page)
    with page.expect_download() as download:
        link.click()
    assert lines_of(download.value) == 3


def test_the_page_was_closed_or_there_is_no_javascript(open_site, admin, orders, js):
    page = open_site(admin, js=js)
    start(page)
    page.goto("/")
    write()
    page.locator("summary").filter(has_text="Signed in").click()
    page.get_by_role("link", name="Downloads").click()
    with page.expect_download() as download:
        page.get_by_role("main").get_by_role("link", name="Download").click()
    assert lines_of(download.value) == 3


def test_it_is_canceled(open_site, admin, orders, js):
    page = open_site(admin, js=js)
    start(page)
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("The export was canceled.")).to_be_visible()
    assert not ListExport.objects.exists()
