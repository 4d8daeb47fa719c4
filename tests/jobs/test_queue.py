"""Retries, failed jobs, abandoned jobs, schedules and the state of the queue."""

import importlib
import pkgutil
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.contrib.admin.models import LogEntry
from django.db import OperationalError
from django.utils import timezone
from django_tasks.base import Task

import activation_codes
import jasper_inventory
import licenses
import renewals
from activation_codes.models import CodeWorkbook, PendingBatch, WorkbookState
from activation_codes.services.pending_batches import create_pending_codes
from activation_codes.services.workbooks import write_workbook
from jasper_inventory.accounts.emails import post_notice
from jasper_inventory.accounts.models import Notice
from jasper_inventory.jobs import schedules
from jasper_inventory.jobs.models import Job, ScheduledRun, Worker
from jasper_inventory.jobs.services import discard_job, retry_job
from jasper_inventory.jobs.worker import ALL_JOBS, claim, record, run, take_up_abandoned
from jasper_inventory.lib.exceptions import DomainError
from jasper_inventory.lib.tasks import (
    LONG,
    RETRY_SECONDS,
    RETRY_SECONDS_LONG,
    queue_state,
    retry_seconds,
)
from licenses.models import AlertRun
from tests import factories
from tests.jobs.tasks import broken, long_work
from tests.pages import page_text

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def queue(settings):
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}


def all_tasks():
    found = {}
    for package in (jasper_inventory, licenses, activation_codes, renewals):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if ".migrations" in module.name or module.name.endswith(("asgi", "wsgi")):
                continue
            values = vars(importlib.import_module(module.name)).values()
            found |= {each.module_path: each for each in values if isinstance(each, Task)}
    return found


def fail(job):
    """Fail all attempts of a job."""
    while Job.objects.get(pk=job.id).status == "READY":
        Job.objects.filter(pk=job.id).update(run_after=timezone.now())
        record(claim(ALL_JOBS, "test"), OperationalError("The database is away."))


def test_every_task_is_retried_with_growing_delays_and_then_set_aside():
    tasks = all_tasks()
    assert len(tasks) > 20
    for task in tasks.values():
        job = task.using().enqueue(0)
        delays = retry_seconds(task.priority)
        assert sorted(delays) == [*delays]
        for delay in delays:
            Job.objects.filter(pk=job.id).update(run_after=timezone.now())
            before = timezone.now()
            record(claim(ALL_JOBS, "test"), OperationalError("The database is away."))
            now = Job.objects.get(pk=job.id)
            assert (now.status, now.started_at) == ("READY", None), task
            assert now.run_after - before >= timedelta(seconds=delay)
            assert claim(ALL_JOBS, "test") is None
        fail(job)
        aside = Job.objects.get(pk=job.id)
        assert (aside.status, aside.attempts) == ("FAILED", len(delays) + 1)
        assert aside.exception_class_path.endswith("OperationalError")


def test_delays_end():
    assert len(RETRY_SECONDS) == 8 and len(RETRY_SECONDS_LONG) == 3


def test_long_work_is_no_job_of_the_thread_for_emails():
    names = {name.rpartition(".")[2] for name, task in all_tasks().items() if task.priority <= LONG}
    assert names == {"create_pending_codes", "write_workbook", "write_export", "run_schedule"}


def test_a_job_of_a_task_that_no_longer_exists_is_retried():
    job = broken.enqueue()
    Job.objects.filter(pk=job.id).update(task_path="tests.nowhere.task")
    claimed = claim(ALL_JOBS, "test")
    record(claimed, run(claimed))
    assert Job.objects.get(pk=job.id).status == "READY"


def test_a_job_of_a_worker_without_sign_of_life_is_taken_up_once():
    job = broken.enqueue()
    Worker.objects.create(name="first")
    claimed = claim(ALL_JOBS, "first")
    assert take_up_abandoned() == 0
    Worker.objects.filter(name="first").update(seen_at=timezone.now() - timedelta(hours=1))
    assert take_up_abandoned() == 1
    assert take_up_abandoned() == 0
    Job.objects.filter(pk=job.id).update(run_after=timezone.now())
    Worker.objects.create(name="second")
    second = claim(ALL_JOBS, "second")
    # The first wasn't dead, only slow: what it records changes nothing.
    assert claimed.succeed() is False and claimed.fail(ValueError()) == -1
    assert Job.objects.get(pk=job.id).worker == "second"
    assert second.succeed() is True


def test_a_job_that_kills_its_workers_is_set_aside():
    job = long_work.enqueue("x", 0)
    for _attempt in range(len(RETRY_SECONDS_LONG) + 1):
        Job.objects.filter(pk=job.id).update(run_after=timezone.now())
        claim(ALL_JOBS, "gone")
        assert take_up_abandoned() == 1
    assert Job.objects.get(pk=job.id).status == "FAILED"


def test_a_batch_of_codes_that_was_set_aside_says_so():
    order = factories.order(factories.CODES, number_of_codes=3)
    batch = PendingBatch.objects.create(
        order=order, number_of_codes=3, created_by=factories.staff()
    )
    fail(create_pending_codes.enqueue(batch.pk))
    batch.refresh_from_db()
    assert batch.problem


def test_a_workbook_that_was_set_aside_says_so():
    order = factories.order(factories.CODES, number_of_codes=3)
    workbook = CodeWorkbook.objects.create(
        order=order, number_of_codes=3, requested_by=factories.staff()
    )
    fail(write_workbook.enqueue(workbook.pk))
    workbook.refresh_from_db()
    assert workbook.state == WorkbookState.FAILED


def test_jobs_can_be_retried_and_discarded_when_they_were_set_aside():
    job = broken.enqueue()
    with pytest.raises(DomainError):
        discard_job(Job.objects.get(pk=job.id))
    fail(job)
    retry_job(Job.objects.get(pk=job.id))
    again = Job.objects.get(pk=job.id)
    assert (again.status, again.attempts, again.traceback) == ("READY", 0, "")
    fail(job)
    discard_job(again)
    assert not Job.objects.exists()
    with pytest.raises(DomainError):
        retry_job(again)


VANCOUVER = ZoneInfo("America/Vancouver")


@pytest.mark.parametrize(
    ("now", "due"),
    [
        (datetime(2026, 11, 30, 6, 0, tzinfo=VANCOUVER), datetime(2026, 11, 30, 6)),
        (datetime(2026, 11, 30, 5, 59, tzinfo=VANCOUVER), datetime(2026, 11, 29, 6)),
        (datetime(2026, 3, 9, 5, 0, tzinfo=VANCOUVER), datetime(2026, 3, 8, 6)),
    ],
)
def test_a_schedule_is_due_at_its_time_of_day(now, due):
    assert schedules.last_due("06:00", now) == due.replace(tzinfo=VANCOUVER)


def test_missed_runs_are_caught_up_once(settings):
    settings.SCHEDULES = {"x": ("jasper_inventory.support.schedules.clean_up", "06:00")}
    old = timezone.now() - timedelta(days=9)
    ScheduledRun.objects.create(schedule="x", due_at=old, started_at=old, finished_at=old)
    schedules.start_due()
    schedules.start_due()
    new = ScheduledRun.objects.exclude(due_at=old).get()
    schedules.run_schedule.call(new.pk)
    schedules.run_schedule.call(new.pk)
    new.refresh_from_db()
    assert new.finished_at and new.result == "Parts done: 7."
    assert Job.objects.filter(task_path=schedules.run_schedule.module_path).count() == 1


def test_the_daily_run_of_alerts_is_recorded_as_by_hand(settings):
    run = ScheduledRun.objects.create(schedule="alerts", due_at=timezone.now())
    schedules.run_schedule.call(run.pk)
    run.refresh_from_db()
    assert AlertRun.objects.get().finished_at and run.result.startswith("Licenses that end")


def test_the_state_of_the_queue(django_assert_num_queries):
    with django_assert_num_queries(1):
        empty = queue_state()
    assert (empty.depth, empty.workers) == (0, 0)
    assert empty.oldest_waiting is None and empty.last_alerts is None
    for _job in range(3):
        broken.enqueue()
    Job.objects.update(enqueued_at=timezone.now() - timedelta(minutes=1))
    claim(ALL_JOBS, "test")
    broken.using(run_after=timezone.now() + timedelta(hours=1)).enqueue()
    Worker.objects.create(name="test")
    Worker.objects.create(name="dead", seen_at=datetime(2020, 1, 1, tzinfo=UTC))
    post_notice(kind="x", address="a@example.com", subject="x", text="x")
    Notice.objects.update(created_at=timezone.now() - timedelta(minutes=2))
    AlertRun.objects.create(finished_at=timezone.now())
    with django_assert_num_queries(1):
        state = queue_state()
    assert (state.depth, state.later, state.running, state.failed) == (3, 1, 1, 0)
    assert (state.workers, state.unsent_emails) == (1, 1)
    assert 60 <= state.oldest_waiting < 120 <= state.oldest_unsent_email < 180
    assert state.last_alerts < 60


def test_cci_staff_retry_and_discard_in_the_admin_and_the_acts_are_shown(
    sign_in, staff, django_assert_max_num_queries
):
    site = sign_in(staff)
    jobs = [broken.enqueue() for _job in range(2)]
    for job in jobs:
        fail(job)
    Worker.objects.create(name="worker one")
    with django_assert_max_num_queries(12):
        text = page_text(site.get("/admin/jobs/job/"))
    assert "ValueError" not in text and "OperationalError" in text and "worker one" in text
    for action, job in zip(("retry", "discard"), jobs, strict=True):
        form = {"action": action, "_selected_action": [str(job.id)], "confirmed": "yes"}
        assert site.post("/admin/jobs/job/", form).status_code == 302
    assert Job.objects.get().status == "READY"
    assert LogEntry.objects.count() == 2
    text = page_text(site.get("/admin/jobs/job/"))
    assert "Discarded: broken" in text and "Retried: broken" in text
    detail = page_text(site.get(f"/admin/jobs/job/{jobs[0].id}/change/"))
    assert "broken" in detail and "traceback" not in detail.lower()


def test_the_queue_is_for_those_with_the_permission(sign_in, staff):
    staff.groups.clear()
    assert sign_in(staff).get("/admin/jobs/job/").status_code == 403


def test_more_jobs_take_no_more_queries(sign_in, staff, django_assert_max_num_queries):
    site = sign_in(staff)
    for _job in range(30):
        broken.enqueue()
    with django_assert_max_num_queries(12):
        site.get("/admin/jobs/job/")
