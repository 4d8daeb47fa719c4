"""Large workbooks: written in the background, downloaded, and canceled."""

import pytest
from django_tasks_db.models import DBTaskResult

from activation_codes import exports
from activation_codes.models import (
    CodeDownload,
    CodeWorkbook,
    WorkbookPart,
)
from activation_codes.services import workbooks
from activation_codes.services.workbooks import (
    cancel_workbook,
    request_workbook,
    take_workbook,
    write_workbook,
)
from jasper_inventory.accounts.models import LogEntry, Membership, file_parts
from tests import factories
from tests.activation_codes.workbooks.acts import downloaded, expected, nothing_left, rows, window
from tests.helpers import at_once
from tests.pages import DIALOG, notifications, page_text, parsed

# The worker's connection for progress sees only what was committed.
pytestmark = pytest.mark.django_db(transaction=True)


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
    monkeypatch.setattr(file_parts, "PART", 100)
    write_workbook.call(waiting.pk)

    assert WorkbookPart.objects.count() > 10
    assert rows(take_workbook(order=order, by=admin.user)) == expected(order)


def test_others_see_the_progress_while_it_is_written(site, order, waiting, monkeypatch):
    def reported(found, progress, *, step):
        def report(number):
            progress(number)
            seen.extend(at_once(lambda: page_text(site.get(window(order, "download/progress/")))))

        return report_rows(found, report, step=step)

    seen = []
    report_rows = exports.reported
    monkeypatch.setattr(exports, "reported", reported)
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


# Canceled, failed, not permitted


def test_canceled_while_it_is_written_nothing_is_left(order, waiting, admin, meanwhile):
    canceled = meanwhile(lambda: cancel_workbook(order=order, by=admin.user))

    write_workbook.call(waiting.pk)

    assert canceled == [True]
    assert nothing_left()
    assert not cancel_workbook(order=order, by=admin.user)


def test_canceled_between_two_steps_it_stops(order, waiting, admin, monkeypatch):
    def reported(found, progress, *, step):
        assert at_once(lambda: cancel_workbook(order=order, by=admin.user)) == [True]
        return report_rows(found, progress, step=step)

    report_rows = exports.reported
    monkeypatch.setattr(exports, "reported", reported)
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
    # After the last retry.
    workbooks.show_failed_workbook(waiting.pk)
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
    assert not LogEntry.objects.filter(after__page="codes_download").exists()
    page = page_text(staff_site.post(address, {"_cancel_download": "1"}, follow=True))
    assert "The download was canceled." in page
    assert nothing_left()
    page = page_text(staff_site.post(address, {"_cancel_download": "1"}, follow=True))
    assert "No workbook is being written." in page

    staff_site.get(address + "download/")
    write_workbook.call(CodeWorkbook.objects.get().pk)
    assert downloaded(staff_site.get(address + "download/")) == expected(order)
    assert LogEntry.objects.get(after__page="codes_download").actor == staff
    assert CodeDownload.objects.get().downloaded_by == staff
