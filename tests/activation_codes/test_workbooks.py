"""Large workbooks: written in the background, kept until a code changes, and canceled."""

import io
from datetime import timedelta
from threading import Event

import openpyxl
import pytest
from django.db import connection, transaction
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from activation_codes import exports
from activation_codes.models import (
    ActivationCode,
    CodeDownload,
    CodeWorkbook,
    Redemption,
    WorkbookPart,
    WorkbookState,
)
from activation_codes.services import workbooks
from activation_codes.services.codes import create_codes, replace_code
from activation_codes.services.redemptions import reclaim_redemption, restore_redemption
from activation_codes.services.workbooks import (
    cancel_workbook,
    request_workbook,
    take_workbook,
    write_workbook,
)
from jasper_inventory.accounts.models import Look, Membership
from jasper_inventory.people.erasure import erase_person
from licenses.models import Enrollment
from tests import factories
from tests.commands import run
from tests.helpers import at_once, change
from tests.pages import DIALOG, notifications, page_text, parsed

# The worker's connection for progress sees only what was committed.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def queue(settings, monkeypatch):
    """Tasks stay in the queue until a test runs them. Five codes are many, two are a step."""
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    monkeypatch.setattr(workbooks, "MOST_AT_ONCE", 4)
    monkeypatch.setattr(exports, "_STEP", 2)


@pytest.fixture
def site(sign_in, admin):
    return sign_in(admin)


@pytest.fixture
def order(center, admin):
    """An order with nine codes; a person redeemed the second, whose code is used up."""
    order = factories.order(factories.CODES, assigned_to=center, number_of_codes=9)
    codes = factories.codes(order, by=admin.user)
    user = factories.person("ann", first_name="Ann", last_name="Lee")
    factories.redemption(codes[1], user=user)
    order.refresh_from_db()
    return order


@pytest.fixture
def waiting(order, admin):
    return request_workbook(order=order, by=admin.user)


@pytest.fixture
def ready(waiting):
    write_workbook.call(waiting.pk)
    waiting.refresh_from_db()
    assert waiting.is_ready
    return waiting


@pytest.fixture
def meanwhile(monkeypatch):
    """A function: what others do each time that the worker has read the codes."""

    def watch(act):
        def written(*arguments):
            count = write(*arguments)
            results.extend(at_once(act))
            return count

        results = []
        write = workbooks.write_codes
        monkeypatch.setattr(workbooks, "write_codes", written)
        return results

    return watch


def window(order, part=""):
    return f"/inventory/{order.number}/codes/{part}"


def rows(file):
    """The rows of a workbook without the header; the file is closed."""
    with file:
        return list(openpyxl.load_workbook(file).active.values)[1:]


def downloaded(response):
    """The rows of a workbook that was downloaded."""
    return rows(io.BytesIO(response.getvalue()))


def expected(order):
    """The rows that a workbook of the order has, written now."""
    stream = io.BytesIO()
    exports.write_codes(order, stream)
    return rows(stream)


def nothing_left():
    return not CodeWorkbook.objects.exists() and not WorkbookPart.objects.exists()


# The way of a download


def test_a_small_workbook_is_written_immediately(site, order, monkeypatch):
    monkeypatch.setattr(workbooks, "MOST_AT_ONCE", 9)

    assert downloaded(site.get(window(order, "download/"))) == expected(order)
    assert nothing_left()


def test_a_large_one_is_written_by_the_worker_and_kept(site, order, admin):
    response = site.get(window(order, "download/") + "?next=/inventory/?page=2", follow=True)

    assert response.redirect_chain == [(window(order) + "?next=%2Finventory%2F%3Fpage%3D2", 302)]
    assert "Writing the workbook: 0 of 9 codes so far" in page_text(response)
    assert not CodeDownload.objects.exists()
    write_workbook.call(CodeWorkbook.objects.get().pk)
    page = site.get(window(order))
    assert "The workbook is ready. Download Codes" in page_text(page)
    for _again in range(2):
        file = site.get(window(order, "download/"))
        assert f"activation-codes-{order.number}.xlsx" in file["Content-Disposition"]
        assert "no-store" in file["Cache-Control"]
        assert downloaded(file) == expected(order)
    recorded = CodeDownload.objects.values_list("order", "number_of_codes", "downloaded_by")
    assert [*recorded] == [(order.pk, 9, admin.user.pk)] * 2
    # Once it was downloaded, there is nothing more to say about it.
    assert "The workbook is ready" not in page_text(site.get(window(order)))


def test_a_file_of_many_parts_is_put_together(order, waiting, admin, monkeypatch):
    monkeypatch.setattr(workbooks, "_PART", 100)
    write_workbook.call(waiting.pk)

    assert WorkbookPart.objects.count() > 10
    assert rows(take_workbook(order=order, by=admin.user)) == expected(order)


def test_others_see_the_progress_while_it_is_written(site, order, waiting, monkeypatch):
    def reported(found, progress):
        def report(number):
            progress(number)
            seen.extend(at_once(lambda: page_text(site.get(window(order, "download/progress/")))))

        return report_rows(found, report)

    seen = []
    report_rows = exports._reported
    monkeypatch.setattr(exports, "_reported", reported)
    write_workbook.call(waiting.pk)

    assert [text.split(" codes so far")[0] for text in seen] == [
        f"Writing the workbook: {number} of 9" for number in (0, 2, 4, 6, 8)
    ]


def test_two_people_ask_and_it_is_written_once(order, admin, staff):
    requested = at_once(
        *(lambda by=by: request_workbook(order=order, by=by).pk for by in (admin.user, staff))
    )

    assert len({*requested}) == 1
    tasks = DBTaskResult.objects.filter(task_path=write_workbook.module_path)
    # The key of the workbook is all that a task knows.
    assert tasks.get().args_kwargs == {"args": [requested[0]], "kwargs": {}}
    write_workbook.call(requested[0])
    for by in (admin.user, staff):
        assert request_workbook(order=order, by=by).is_ready
        assert rows(take_workbook(order=order, by=by)) == expected(order)
    assert tasks.count() == 1


def test_a_restarted_task_writes_nothing_again(ready, meanwhile):
    read = meanwhile(lambda: True)
    write_workbook.call(ready.pk)
    assert read == []


def test_a_request_of_the_head_neither_queues_nor_records(site, order):
    response = site.head(window(order, "download/"))

    assert response.status_code == 200
    assert "Content-Length" not in response
    assert nothing_left() and not CodeDownload.objects.exists()


# Kept until a code changes


def redeem(order):
    factories.redemption(order.activation_codes.filter(used=0).first())


def person_of(order):
    return Enrollment.objects.get(order=order).user


def rename(order, **values):
    type(person_of(order)).objects.filter(username="ann").update(**values)


def remove(order):
    reclaim_redemption(redemption=Redemption.objects.get(), by=factories.staff())


def restore(order):
    restore_redemption(redemption=Redemption.objects.get(), by=factories.staff())


def create(order):
    change(order, number_of_codes=12)
    create_codes(order=order, by=factories.staff())


def replace_unused(order):
    replace_code(code=order.activation_codes.filter(used=0).first(), by=factories.staff())


def codes(order):
    return ActivationCode.objects.filter(order=order)


def delete_redemption(order):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM activation_codes_redemption")


CHANGES = {
    "redeemed": redeem,
    "removed": remove,
    "first name": lambda order: rename(order, first_name="Anna"),
    "last name": lambda order: rename(order, last_name="Lea"),
    "email": lambda order: rename(order, email="other@example.com"),
    "erased": lambda order: erase_person(user=person_of(order), by=factories.staff()),
    "codes created": create,
    "replaced": replace_unused,
    "code": lambda order: codes(order).filter(used=0)[:1].get().delete(),
    "users per code": lambda order: codes(order).filter(used=0).update(users=7),
    "another person": lambda order: Enrollment.objects.filter(order=order).update(
        user=factories.person()
    ),
    "redemption of another code": lambda order: Redemption.objects.update(
        code=codes(order).filter(used=0).first()
    ),
    "redemption deleted": delete_redemption,
    "moved to another order": lambda order: (
        codes(order).filter(used=0).update(order=factories.order(factories.CODES))
    ),
}
# What the workbook doesn't show.
UNCHANGED = {
    "options": lambda order: change(order, enable_benchmark=True),
    "username": lambda order: rename(order, username="ann2"),
    "signed in": lambda order: rename(order, last_login=timezone.now()),
    "last day": lambda order: Enrollment.objects.update(ends_on=factories.days(3)),
    "suspended": lambda order: change(order, is_active=False),
    "redeemed on another order": lambda order: redeem(other_order()),
}


def other_order():
    other = factories.order(factories.CODES)
    factories.codes(other)
    return other


@pytest.mark.parametrize("act", CHANGES.values(), ids=CHANGES)
def test_a_change_of_anything_that_it_shows_deletes_it(site, order, ready, admin, act):
    before = expected(order)
    act(order)

    # So the change is one that the workbook shows.
    assert sorted(map(str, expected(order))) != sorted(map(str, before))
    assert not WorkbookPart.objects.exists()
    ready.refresh_from_db()
    assert ready.state == WorkbookState.OUTDATED


def test_a_restored_person_deletes_it(order, admin):
    remove(order)
    workbook = request_workbook(order=order, by=admin.user)
    write_workbook.call(workbook.pk)
    restore(order)
    assert not WorkbookPart.objects.exists()


@pytest.mark.parametrize("act", UNCHANGED.values(), ids=UNCHANGED)
def test_it_is_kept_when_something_else_changes(order, ready, admin, act):
    before = expected(order)
    act(order)

    assert expected(order) == before
    assert rows(take_workbook(order=order, by=admin.user)) == before


def test_every_column_is_of_a_table_that_outdates_it():
    """A new column of the workbook must be added to the triggers, and to the changes above."""
    assert [value for _heading, _width, value in exports.COLUMNS] == [
        "code",
        "users",
        "first_names",
        "last_names",
        "emails",
    ]


def test_a_used_one_that_is_outdated_is_written_again_by_the_worker(site, order, ready):
    downloaded(site.get(window(order, "download/")))
    redeem(order)

    page = site.get(window(order, "download/"), follow=True)

    assert "Writing the workbook: 0 of 9 codes so far" in page_text(page)
    assert CodeWorkbook.objects.get().pk != ready.pk


def test_one_that_nobody_could_download_in_time_is_written_in_the_request(site, order, ready):
    """Or nobody could download an order whose codes are redeemed every minute."""
    redeem(order)
    assert "Codes changed in the meantime" in page_text(site.get(window(order)))

    assert downloaded(site.get(window(order, "download/"))) == expected(order)
    assert CodeDownload.objects.get().number_of_codes == 9
    # But only once, so that not all of them are.
    page = site.get(window(order, "download/"), follow=True)
    assert "Writing the workbook" in page_text(page)


def test_unused_ones_are_deleted_after_a_week(order, ready, admin):
    def aged(**ages):
        ages = {name: timezone.now() - timedelta(days=days) for name, days in ages.items()}
        CodeWorkbook.objects.update(**ages)
        run("send_alerts")
        return CodeWorkbook.objects.exists()

    assert aged(requested_at=6)
    assert aged(requested_at=30, downloaded_at=6)
    assert not aged(requested_at=30, downloaded_at=8)
    assert nothing_left()


# Changed while it is written


def test_a_code_redeemed_while_it_is_written_is_in_it(order, waiting, admin, meanwhile):
    left = [redeem, lambda order: None]
    meanwhile(lambda: left.pop(0)(order))

    write_workbook.call(waiting.pk)

    assert left == []
    assert rows(take_workbook(order=order, by=admin.user)) == expected(order)
    assert sum(bool(row[2]) for row in expected(order)) == 2


def test_codes_that_change_each_time_are_given_up_and_written_in_the_request(
    site, order, waiting, meanwhile
):
    read = meanwhile(lambda: redeem(order))

    write_workbook.call(waiting.pk)

    assert len(read) == 3
    assert not WorkbookPart.objects.exists()
    assert "Codes changed in the meantime" in page_text(site.get(window(order)))


def test_a_change_that_began_before_the_request_is_not_missed(order, admin, monkeypatch):
    """Its transaction sees no workbook to outdate, and the worker doesn't see the change."""
    version_now = workbooks._version_now

    def while_it_waits(workbook):
        blocked.set()
        return version_now(workbook)

    changed, blocked, written = Event(), Event(), Event()
    monkeypatch.setattr(workbooks, "_version_now", while_it_waits)

    def change_slowly():
        with transaction.atomic():
            redeem(order)
            changed.set()
            assert blocked.wait(30)
            # The worker waits, or it would finish now.
            written.wait(3)

    def write():
        assert changed.wait(30)
        workbook = request_workbook(order=order, by=admin.user)
        write_workbook.call(workbook.pk)
        written.set()

    at_once(change_slowly, write)

    workbook = CodeWorkbook.objects.get()
    assert workbook.is_ready
    assert rows(take_workbook(order=order, by=admin.user)) == expected(order)
    assert sum(bool(row[2]) for row in expected(order)) == 2


# Canceled, failed, not permitted


def test_canceled_while_it_is_written_nothing_is_left(order, waiting, admin, meanwhile):
    canceled = meanwhile(lambda: cancel_workbook(order=order, by=admin.user))

    write_workbook.call(waiting.pk)

    assert canceled == [True]
    assert nothing_left()
    assert not cancel_workbook(order=order, by=admin.user)


def test_canceled_between_two_steps_it_stops(order, waiting, admin, monkeypatch):
    def reported(found, progress):
        assert at_once(lambda: cancel_workbook(order=order, by=admin.user)) == [True]
        return report_rows(found, progress)

    report_rows = exports._reported
    monkeypatch.setattr(exports, "_reported", reported)
    write_workbook.call(waiting.pk)
    assert nothing_left()


def test_canceled_in_the_window_it_can_be_requested_again(site, order, waiting):
    (form,) = parsed(site.get(window(order))).cssselect("#workbook-cancel")
    page = site.post(form.get("action"), follow=True)

    text = f"The download of the codes of order {order} was canceled."
    assert notifications(page) == [text]
    assert nothing_left()
    write_workbook.call(waiting.pk)
    assert nothing_left()
    assert "Writing the workbook" in page_text(site.get(window(order, "download/"), follow=True))


def test_what_is_ready_is_not_canceled(site, order, ready):
    page = site.post(window(order, "download/cancel/"), follow=True)

    assert notifications(page) == [f"No workbook of order {order} is being written."]
    assert WorkbookPart.objects.exists()


def test_a_worker_that_fails_says_so_and_leaves_nothing(site, order, waiting, monkeypatch):
    def full(*arguments):
        raise OSError("No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(workbooks, "write_codes", full)
        with pytest.raises(OSError):
            write_workbook.call(waiting.pk)
    assert not WorkbookPart.objects.exists()
    assert "The workbook could not be written." in page_text(site.get(window(order)))
    page = site.get(window(order, "download/"), follow=True)
    assert "Writing the workbook: 0 of 9 codes so far" in page_text(page)


def test_a_person_without_the_role_gets_no_kept_file(site, order, ready, admin):
    download = window(order, "download/")
    Membership.objects.filter(user=admin.user).delete()
    assert site.get(download).status_code == 403
    Membership.objects.create(
        user=admin.user, organization=factories.organization(), role=admin.role
    )
    assert site.get(download).status_code == 404
    assert not CodeDownload.objects.exists()


def test_suppliers_see_no_workbook(sign_in, hub_admin, order, ready):
    site = sign_in(hub_admin)
    assert "workbook" not in page_text(site.get(window(order)))
    for part in ("download/", "download/progress/"):
        assert site.get(window(order, part)).status_code == 403


# The window


def test_the_dialog_shows_the_progress_and_then_the_link(site, order):
    def link(page):
        return parsed(page).cssselect("#codes-download")[0].attrib

    shown = site.get(window(order), **DIALOG)
    assert link(shown)["data-hx-get"] == link(shown)["href"]
    page = site.get(link(shown)["href"], **DIALOG, follow=True)
    (part,) = parsed(page).cssselect("[data-hx-trigger='every 2s']")
    write_workbook.call(CodeWorkbook.objects.get().pk)
    page = site.get(part.get("data-hx-get"), HTTP_HX_REQUEST="true")

    assert not parsed(page).cssselect("[data-hx-trigger]")
    assert parsed(page).cssselect("#workbook-cancel[data-hx-swap-oob=delete]")
    assert "data-hx-get" not in link(page)
    # A dialog that was opened before that gets the window again, because it can't take a file.
    again = site.get(link(shown)["href"], **DIALOG, follow=True)
    assert "The workbook is ready." in page_text(again)
    assert "data-hx-get" not in link(again)


def test_cci_staff_wait_and_cancel_in_the_admin(staff_site, staff, order):
    address = f"/admin/activation_codes/activationcode/order/{order.pk}/"

    page = page_text(staff_site.get(address + "download/", follow=True))
    assert "The workbook is being written in the background." in page
    assert "Writing the workbook: 0 of 9 codes so far" in page
    assert not Look.objects.filter(page="codes_download").exists()
    page = page_text(staff_site.post(address, {"_cancel_download": "1"}, follow=True))
    assert "The download was canceled." in page
    assert nothing_left()
    page = page_text(staff_site.post(address, {"_cancel_download": "1"}, follow=True))
    assert "No workbook is being written." in page

    staff_site.get(address + "download/")
    write_workbook.call(CodeWorkbook.objects.get().pk)
    assert downloaded(staff_site.get(address + "download/")) == expected(order)
    assert Look.objects.get(page="codes_download").by == staff
    assert CodeDownload.objects.get().downloaded_by == staff
