"""Large exports of lists: written in the background with the role's rights, kept, downloaded."""

import csv
import io

import openpyxl
import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from jasper_inventory.accounts.models import (
    ExportState,
    ListExport,
    ListExportPart,
    LogEntry,
    Membership,
    Role,
)
from jasper_inventory.accounts.models import file_parts as parts
from jasper_inventory.accounts.services import list_exports
from jasper_inventory.accounts.services.list_exports import drop_export, write_export
from jasper_inventory.accounts.services.memberships import revoke_role
from jasper_inventory.lib import exports
from jasper_inventory.people.data_export import my_data
from jasper_inventory.people.erasure import erase_person
from jasper_inventory.support.organization_moves import edit_organization
from jasper_inventory.support.schedules import clean_up
from licenses.services.enrollments import enroll_student, enroll_teacher
from tests import factories
from tests.helpers import at_once
from tests.pages import notifications, page_text, parsed

# The worker's connection for progress sees only what was committed.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def queue(settings, monkeypatch):
    """Tasks stay in the queue until a test runs them. Three rows are many, two are a step."""
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    settings.EXPORT_ROWS_AT_ONCE = 2
    monkeypatch.setattr(exports, "_STEP", 2)


@pytest.fixture
def site(sign_in, admin):
    return sign_in(admin)


@pytest.fixture
def orders(center):
    return [factories.order(assigned_to=center) for _number in range(3)]


@pytest.fixture
def waiting(site, orders):
    return requested(site, "/inventory/export/?file=csv&sort=number&page=2&rows=50")


@pytest.fixture
def ready(waiting):
    return written(waiting)


@pytest.fixture
def meanwhile(monkeypatch):
    """A function: what others do once the worker has written the file, and doesn't keep it yet."""

    def watch(act):
        def write(*arguments, **options):
            count = write_list(*arguments, **options)
            results.extend(at_once(act))
            return count

        results = []
        write_list = list_exports.write_list
        monkeypatch.setattr(list_exports, "write_list", write)
        return results

    return watch


def requested(site, address):
    """The export that an address queues."""
    response = site.get(address, follow=True)
    assert response.redirect_chain == [("/exports/", 302)], page_text(response)
    return ListExport.objects.latest("pk")


def written(export):
    write_export.call(export.pk)
    export.refresh_from_db()
    assert export.is_ready
    return export


def download(site, export):
    return site.get(f"/exports/{export.pk}/download/")


def lines(response):
    assert response.status_code == 200
    assert response["Cache-Control"] == "no-store"
    return list(csv.DictReader(io.StringIO(response.getvalue().decode("utf-8-sig"))))


def nothing_left():
    return not ListExport.objects.exists() and not ListExportPart.objects.exists()


# The way of an export


def test_a_short_list_is_downloaded_immediately(site, orders, settings):
    settings.EXPORT_ROWS_AT_ONCE = 3
    assert len(lines(site.get("/inventory/export/?file=csv"))) == 3
    assert nothing_left()


def test_a_long_list_is_written_by_the_worker_as_it_was_searched(site, orders, waiting):
    assert waiting.address == "/inventory/export/?sort=number"
    page = site.get("/exports/")
    assert "In the queue" in page_text(page)
    write_export.call(waiting.pk)
    waiting.refresh_from_db()
    page = site.get("/exports/")
    assert "3 rows as of" in page_text(page)
    [link] = parsed(page).cssselect(".export-state a")
    for _again in range(2):
        file = site.get(link.get("href"))
        found = [int(line["Order Number"]) for line in lines(file)]
        assert found == [order.number for order in orders]
    made = f"{timezone.localtime(waiting.as_of):%Y-%m-%d-%H%M}"
    assert f"license-inventory-{made}.csv" in file["Content-Disposition"]
    # The key of the export is all that the task knows.
    task = DBTaskResult.objects.get(task_path=write_export.module_path)
    assert task.args_kwargs == {"args": [waiting.pk], "kwargs": {}}


def test_a_workbook_says_when_its_rows_were_read(site, orders):
    export = written(requested(site, "/inventory/export/"))
    book = openpyxl.load_workbook(io.BytesIO(download(site, export).getvalue()))
    assert book.active.max_row == 4
    about = dict(book["About"].values)
    assert about["List"] == "License Inventory"
    made = timezone.make_naive(export.as_of)
    assert abs((about["As Of"] - made).total_seconds()) < 1


def test_a_file_of_many_parts_is_put_together(site, waiting, monkeypatch):
    monkeypatch.setattr(parts, "PART", 100)
    written(waiting)
    assert ListExportPart.objects.count() > 4
    assert len(lines(download(site, waiting))) == 3


def test_it_has_what_the_role_sees_when_it_is_written(site, center, waiting):
    later = factories.order(assigned_to=center)
    written(waiting)
    assert [*lines(download(site, waiting))][-1]["Order Number"] == str(later.number)


def test_the_page_shows_the_progress_while_it_is_written(site, waiting, monkeypatch):
    def reported(found, progress, *, step):
        def report(number):
            progress(number)
            seen.extend(
                at_once(lambda: page_text(site.get(f"/exports/progress/?export={waiting.pk}")))
            )

        return report_rows(found, report, step=step)

    seen = []
    report_rows = exports.reported
    monkeypatch.setattr(exports, "reported", reported)
    written(waiting)
    assert [text.split(" rows so far")[0].strip() for text in seen] == ["0 of 3", "2 of 3"]


def test_each_list_is_exported_the_same_way(sign_in, hub_admin, hub, center, admin, staff):
    for supplier in (hub, hub, hub):
        parent = factories.order(assigned_to=supplier)
        mix = parent.products.all()
        factories.order(assigned_to=center, parent=parent, product_mix=mix, by=hub_admin.user)
        factories.license_request(membership=admin)
        factories.organization(parent=hub)
    held = factories.order(assigned_to=center)
    for name in ("Ann", "Bea", "Cid"):
        enroll_student(order=held, user=factories.person(first_name=name), by=admin.user)
    expected = {
        # With the three requests and the order that has students.
        (hub_admin, "/inventory/export/"): 10,
        (hub_admin, "/requests/export/"): 3,
        (hub_admin, "/inventory/where/export/"): 5,
        (hub_admin, "/transfers/download/"): 3,
        (admin, f"/inventory/{held.number}/people/export/"): 3,
        (admin, "/people/students/download/"): 3,
    }
    for (role, address), number in expected.items():
        export = written(requested(sign_in(role), f"{address}?file=csv"))
        assert len(lines(download(sign_in(role), export))) == number, address
    log = written(requested(sign_in(admin), "/activity-log/download/?file=csv"))
    assert len(lines(download(sign_in(admin), log))) == log.number_of_rows > 2


def test_a_search_for_a_name_is_in_no_address(site, center, admin):
    order = factories.order(assigned_to=center)
    for name in ("Berg", "Berg", "Berg", "Lee"):
        enroll_student(order=order, user=factories.person(last_name=name), by=admin.user)
    people = f"/inventory/{order.number}/people/"
    found = site.post(people, {"name": "berg"}, follow=True)
    _excel, plain = (link.get("href") for link in parsed(found).cssselect(".export-menu a"))
    export = requested(site, plain)
    assert export.address == f"{people}export/"
    assert export.typed == "berg"
    assert "berg" not in page_text(site.get("/exports/")).lower()
    names = [line["Name"] for line in lines(download(site, written(export)))]
    assert len(names) == 3 and all(name.endswith("Berg") for name in names)
    [kept] = my_data(admin.user)["exports_of_lists"]
    assert kept["typed"] == "berg"


def test_a_search_of_people_is_kept_with_its_export(site, center):
    for _number in range(3):
        factories.member(center, user=factories.person(last_name="Zed"))
    found = site.post("/people/", {"typed": "zed"}, follow=True)
    _excel, plain = (link.get("href") for link in parsed(found).cssselect(".export-menu a"))
    export = requested(site, plain)
    assert (export.address, export.typed) == ("/people/export/", "zed")
    assert len(lines(download(site, written(export)))) == 3


def test_the_log_has_the_export_and_each_download(site, ready, admin):
    for _again in range(2):
        download(site, ready)
    kept = LogEntry.objects.filter(actor=admin.user, action__startswith="list.").order_by("pk")
    assert [*kept.values_list("action", "after")] == [
        ("list.exported", {"list": "license-inventory"}),
        ("list.downloaded", {"list": "license-inventory"}),
        ("list.downloaded", {"list": "license-inventory"}),
    ]


def test_the_page_has_constant_queries(site, admin):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            site.get("/exports/")
        return len(captured)

    factories.list_export(admin)
    queries()
    one = queries()
    for state in ExportState:
        factories.list_export(admin, state)
    assert queries() == one


# Limits


def test_an_export_that_is_requested_twice_is_written_once(site, waiting):
    again = requested(site, "/inventory/export/?file=csv&sort=number")
    assert again == waiting
    assert DBTaskResult.objects.filter(task_path=write_export.module_path).count() == 1


def test_a_person_has_two_in_the_queue_at_most(site, waiting, sign_in, center):
    requested(site, "/inventory/export/?sort=number")
    page = site.get("/inventory/export/?sort=-finish", follow=True)
    assert notifications(page) == [
        "You already have 2 exports in progress. Wait until one is ready, or cancel one."
    ]
    assert ListExport.objects.count() == 2
    # Not more with several requests at the same time, nor with another role; another person may.
    requested(sign_in(factories.member(center)), "/inventory/export/")
    written(waiting)
    requested(site, "/inventory/export/?sort=-finish")


def test_many_requests_at_once_don_t_exceed_the_limit(sign_in, admin, orders):
    sites = [sign_in(admin) for _number in range(4)]
    acts = [
        lambda site=site, sort=sort: site.get(f"/inventory/export/?sort={sort}").status_code
        for site, sort in zip(sites, ("number", "finish", "start", "type"), strict=True)
    ]
    assert at_once(*acts) == [302] * 4
    assert ListExport.objects.count() == 2


def test_a_request_of_the_head_queues_nothing(site, orders, ready):
    assert site.head("/inventory/export/?file=csv").status_code == 302
    assert site.head(f"/exports/{ready.pk}/download/").status_code == 200
    assert ListExport.objects.count() == 1


# Canceled, failed, restarted


def test_canceled_on_its_page_nothing_is_left(site, waiting):
    [form] = parsed(site.get("/exports/")).cssselect("main form[action*='/delete/']")
    page = site.post(form.get("action"), follow=True)
    assert notifications(page) == ["The export was canceled."]
    write_export.call(waiting.pk)
    assert nothing_left()
    gone = site.get(f"/exports/progress/?export={waiting.pk}")
    assert "This export was canceled or deleted." in page_text(gone)


def test_canceled_while_it_is_written_nothing_is_left(waiting, meanwhile):
    meanwhile(lambda: drop_export(waiting))
    write_export.call(waiting.pk)
    assert nothing_left()


def test_one_that_is_ready_is_deleted(site, ready):
    page = site.post(f"/exports/{ready.pk}/delete/", follow=True)
    assert notifications(page) == ["The export was deleted."]
    assert nothing_left()


def test_a_worker_that_fails_keeps_nothing_and_the_next_one_writes_it(site, waiting, monkeypatch):
    def full(*arguments, **options):
        write_list(*arguments, **options)
        raise OSError("No space left on device")

    write_list = list_exports.write_list
    with monkeypatch.context() as broken:
        broken.setattr(list_exports, "write_list", full)
        with pytest.raises(OSError):
            write_export.call(waiting.pk)
    assert not ListExportPart.objects.exists()
    assert len(lines(download(site, written(waiting)))) == 3


def test_after_the_last_retry_the_page_says_so(site, waiting):
    list_exports.show_failed_export(waiting.pk)
    assert "The file could not be written. Export the list again." in page_text(
        site.get("/exports/")
    )
    assert download(site, waiting).status_code == 302


# The people who get it


def test_only_the_person_gets_it_in_the_same_role(site, sign_in, ready, admin, hub, center):
    colleague = sign_in(factories.member(center))
    other = Membership.objects.create(user=admin.user, organization=hub, role=Role.ADMINISTRATOR)
    teacher = Membership.objects.create(user=admin.user, organization=center, role=Role.TEACHER)
    assert download(colleague, ready).status_code == 404
    assert colleague.post(f"/exports/{ready.pk}/delete/").status_code == 404
    site.post(f"/role/{other.pk}/")
    assert download(site, ready).status_code == 404
    assert "No downloads" in page_text(site.get("/exports/"))
    site.post(f"/role/{teacher.pk}/")
    assert download(site, ready).status_code == 403
    site.post(f"/role/{admin.pk}/")
    assert len(lines(download(site, ready))) == 3


def test_a_revoked_role_deletes_its_exports(ready, admin, center, staff):
    revoke_role(user=admin.user, organization=center, role=admin.role, by=staff)
    assert nothing_left()


def test_a_role_that_is_revoked_meanwhile_gets_no_file(waiting, admin, center, staff, meanwhile):
    role = {"user": admin.user, "organization": center, "role": admin.role}
    meanwhile(lambda: revoke_role(**role, by=staff))
    write_export.call(waiting.pk)
    assert nothing_left()


def test_the_worker_writes_nothing_for_a_role_that_is_gone(waiting, admin):
    Membership.objects.filter(pk=admin.pk).delete()
    write_export.call(waiting.pk)
    waiting.refresh_from_db()
    assert waiting.state == ExportState.FAILED


def test_a_move_deletes_exports_of_the_branch_and_of_its_former_suppliers(
    ready, hub_admin, hub, center, staff
):
    kept = factories.list_export(factories.member(factories.organization()))
    factories.list_export(hub_admin)
    position = {"name": center.name, "level": center.level, "parent": factories.vendor()}
    edit_organization(organization=center, **position, by=staff)
    assert [*ListExport.objects.all()] == [kept]


def test_an_erasure_deletes_exports_of_the_person_and_of_their_organizations(
    ready, center, staff, hub_admin
):
    order = factories.order(assigned_to=center)
    teacher = factories.person()
    enroll_teacher(order=order, user=teacher, by=staff)
    elsewhere = factories.list_export(factories.member(factories.organization()))
    erase_person(user=teacher, by=staff)
    assert [*ListExport.objects.all()] == [elsewhere]


def test_an_export_that_began_during_an_erasure_is_deleted_too(
    site, orders, center, staff, settings
):
    student = factories.person()
    enroll_student(order=orders[0], user=student, by=staff)

    def erase_slowly():
        with transaction.atomic():
            erase_person(user=student, by=staff)
            at_once(lambda: written(requested(site, "/inventory/export/")).pk)

    at_once(erase_slowly)
    assert nothing_left()


def test_it_is_kept_for_a_day(site, ready):
    since = timezone.now() - timezone.timedelta(hours=24, minutes=1)
    other = factories.list_export(factories.member())
    ListExport.objects.filter(pk=ready.pk).update(as_of=since)
    assert download(site, ready).status_code == 404
    assert "No downloads" in page_text(site.get("/exports/"))
    clean_up()
    assert [*ListExport.objects.all()] == [other]
