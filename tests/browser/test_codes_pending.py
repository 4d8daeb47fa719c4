"""Many codes, created in the background while their window is open."""

import pytest
from playwright.sync_api import expect

from activation_codes.models import PendingBatch
from activation_codes.services import pending_batches
from tests import factories
from tests.browser.screens import fits

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def queue(settings, monkeypatch):
    """Tasks stay in the queue until a test runs them; five codes are many."""
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    monkeypatch.setattr(pending_batches, "MOST_AT_ONCE", 4)


@pytest.fixture
def order(center):
    return factories.order(factories.CODES, assigned_to=center, number_of_codes=9)


def start(page, order):
    page.goto("/inventory/")
    page.locator(f"a[href*='/{order.number}/codes/']").first.click()
    page.get_by_role("button", name="Create Codes").click()
    expect(page.get_by_text("Creating codes: 0 of 9 so far")).to_be_visible()
    expect(page.get_by_role("progressbar")).to_be_visible()
    expect(page.get_by_role("button", name="Create Codes")).to_have_count(0)


def test_the_window_shows_when_the_codes_are_created(open_site, admin, order, axe):
    page = open_site(admin, width=320)
    start(page, order)
    fits(page)
    axe(page)

    pending_batches.create_pending_codes.call(PendingBatch.objects.get().pk)

    expect(page.get_by_role("status").filter(has_text="The codes were created.")).to_be_visible()
    expect(page.get_by_role("button", name="Cancel Creating Codes")).to_have_count(0)
    axe(page)
    with page.expect_download():
        page.get_by_role("status").get_by_role("link", name="Download Codes").click()


def test_it_is_canceled(open_site, admin, order, js):
    page = open_site(admin, js=js)
    start(page, order)

    page.get_by_role("button", name="Cancel Creating Codes").click()

    expect(page.get_by_text("None were created.")).to_be_visible()
    expect(page.get_by_role("button", name="Create Codes")).to_be_visible()
    assert not PendingBatch.objects.exists()
