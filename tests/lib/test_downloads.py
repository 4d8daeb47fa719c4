"""Only a few downloads are written at the same time: per person, and of all."""

from threading import Event, Thread

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import RequestFactory

from jasper_inventory.lib.downloads import limited_download
from tests import factories
from tests.pages import page_text

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def writing():
    """A function: a download of a person that is being written until the test ends."""
    begun, ended = [], Event()

    @limited_download
    def write(request):
        begun[-1].set()
        ended.wait(30)
        return HttpResponse("a file")

    threads = []

    def begin(person):
        request = RequestFactory().get("/")
        request.user = person
        begun.append(Event())
        threads.append(Thread(target=write, args=[request]))
        threads[-1].start()
        assert begun[-1].wait(30)

    try:
        yield begin
    finally:
        ended.set()
        for thread in threads:
            thread.join()


@pytest.fixture
def order(admin):
    order = factories.order(factories.CODES, assigned_to=admin.organization)
    factories.codes(order)
    return order


ADDRESSES = (
    "/inventory/export/",
    "/requests/export/",
    "/transfers/download/",
    "/inventory/{order}/people/export/",
    "/inventory/{order}/codes/download/",
)


def statuses(browser, order):
    answers = [browser.get(address.format(order=order)) for address in ADDRESSES]
    for answer in answers:
        answer.getvalue() if answer.streaming else answer.content
    return {answer.status_code for answer in answers}


def test_a_person_writes_a_few_at_a_time(site, admin, order, writing, settings):
    settings.DOWNLOADS_PER_PERSON = 1
    assert statuses(site, order) == {200}
    writing(admin.user)

    assert statuses(site, order) == {429}
    refused = site.get("/inventory/export/")
    assert "Your earlier downloads are still being prepared." in page_text(refused)
    assert int(refused["Retry-After"]) > 0
    # A page isn't a download.
    assert site.get("/inventory/").status_code == 200


def test_all_people_together_write_a_few_at_a_time(site, order, staff, writing, settings):
    settings.DOWNLOADS_AT_ONCE = 1
    writing(staff)

    refused = site.get("/inventory/export/")
    assert refused.status_code == 503
    assert "Many people are downloading right now." in page_text(refused)


def test_others_continue_once_it_is_written(site, admin, order, settings):
    settings.DOWNLOADS_AT_ONCE = settings.DOWNLOADS_PER_PERSON = 1
    assert statuses(site, order) == {200}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = database"
            " WHERE locktype = 'advisory' AND datname = current_database()"
        )
        assert cursor.fetchone() == (0,)
