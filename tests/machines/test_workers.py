"""Several workers share the queue: each job is done once, and all of them take part."""

import subprocess
import sys
import time
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection, transaction
from django_tasks import task
from django_tasks_db.models import DBTaskResult, get_date_max

from activation_codes.models import CodeBatch, PendingBatch
from activation_codes.services import pending_batches
from jasper_inventory.accounts.email_delivery import deliver_notice
from jasper_inventory.accounts.models import ExportState
from jasper_inventory.accounts.services.list_exports import write_export
from jasper_inventory.accounts.throttling import count, counters
from jasper_inventory.lib.background import MOST_AT_ONCE
from licenses.models import Order
from tests import factories, sites

WORKERS, JOBS = 3, 24
DAY = timedelta(days=1)

pytestmark = pytest.mark.django_db(transaction=True)


@task()
def job(number):
    """Count that this job was done."""
    count({f"job {number}": DAY})


@task()
def meeting():
    """Wait for the other workers, so that each of them has taken a job."""
    count({"met": DAY})
    deadline = time.monotonic() + sites.LONGEST
    while counters("met")["met"].number < WORKERS:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def queued(task, *arguments):
    DBTaskResult.objects.create(
        args_kwargs={"args": arguments, "kwargs": {}},
        task_path=task.module_path,
        queue_name=task.queue_name,
        run_after=get_date_max(),
        backend_name="default",
    )


def work(environment):
    """Let all workers work until the queue is empty."""
    command = [sys.executable, "manage.py", "db_worker", "--batch"]
    running = [
        subprocess.Popen(command, cwd=settings.BASE_DIR, env=environment) for _at in range(WORKERS)
    ]
    try:
        assert [process.wait(sites.LONGEST) for process in running] == [0] * WORKERS
    finally:
        for process in running:
            sites.ended(process)


def test_a_job_is_done_once_and_every_worker_does_some(environment):
    for _worker in range(WORKERS):
        queued(meeting)
    for number in range(JOBS):
        queued(job, number)

    work(environment)

    done = counters(*(f"job {number}" for number in range(JOBS)))
    assert [tally.number for tally in done.values()] == [1] * JOBS
    assert counters("met")["met"].number == WORKERS
    results = DBTaskResult.objects.filter(status="SUCCESSFUL")
    assert results.count() == WORKERS + JOBS
    workers = [each.worker_ids for each in results]
    assert all(len(of_job) == 1 for of_job in workers)
    assert len({name for (name,) in workers}) == WORKERS


def test_codes_that_are_queued_twice_are_created_once(environment):
    number = MOST_AT_ONCE + 1
    order = factories.order(factories.CODES, number_of_codes=number)
    batch = PendingBatch.objects.create(
        order=order, number_of_codes=number, created_by=factories.staff()
    )
    for _worker in range(WORKERS):
        queued(meeting)
        queued(pending_batches.create_pending_codes, batch.pk)
    # A notice that doesn't exist: it does nothing.
    queued(deliver_notice, 0)

    work(environment)

    assert Order.objects.get(pk=order.pk).codes_created == number
    assert order.activation_codes.count() == number
    assert CodeBatch.objects.filter(order=order).count() == 1
    assert not PendingBatch.objects.exists()
    assert not DBTaskResult.objects.exclude(status="SUCCESSFUL").exists()


def test_an_export_of_a_killed_worker_is_written_by_the_next_one(environment):
    admin = factories.member()
    factories.order(assigned_to=admin.organization)
    export = factories.list_export(admin, ExportState.WAITING)
    queued(write_export, export.pk)
    environment = {**environment, "QUEUE_LEASE_SECONDS": "1"}
    command = [sys.executable, "manage.py", "db_worker", "--interval", "0.1"]

    with transaction.atomic(), connection.cursor() as cursor:
        # It has written the file, and waits to keep it.
        cursor.execute("LOCK TABLE accounts_listexportpart IN EXCLUSIVE MODE")
        first = subprocess.Popen(command, cwd=settings.BASE_DIR, env=environment)
        try:
            wait_for(cursor, "SELECT count(*) FROM pg_locks WHERE NOT granted")
        finally:
            first.kill()
            first.wait()
    export.refresh_from_db()
    assert export.is_waiting and not export.parts.exists()

    second = subprocess.Popen(command, cwd=settings.BASE_DIR, env=environment)
    try:
        with connection.cursor() as cursor:
            wait_for(cursor, "SELECT count(*) FROM accounts_listexport WHERE state = 'ready'")
    finally:
        sites.ended(second)
    assert b"".join(bytes(part.content) for part in export.parts.all()).count(b"\r\n") == 2


def wait_for(cursor, count):
    """Wait until a statement counts something."""
    deadline = time.monotonic() + sites.LONGEST
    while True:
        cursor.execute(count)
        if cursor.fetchone()[0]:
            return
        assert time.monotonic() < deadline
        time.sleep(0.05)
