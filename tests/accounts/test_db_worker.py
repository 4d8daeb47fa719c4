"""The queue worker waits while the database is unavailable, and then continues."""

import os
import subprocess
import sys
import time

import pytest
from django.conf import settings
from django_tasks import task

from jasper_inventory.devserver import postgres
from tests.servers import cleared_up, fill, query

LONGEST = 300
# The task's notice doesn't exist: it succeeds and does nothing.
QUEUE = (
    "import django; django.setup();"
    "from jasper_inventory.accounts.email_delivery import deliver_notice;"
    "deliver_notice.enqueue(0)"
)


@pytest.fixture(scope="module")
def base(tmp_path_factory, django_db_setup):
    """A directory with a migrated database of its own."""
    with cleared_up(tmp_path_factory.mktemp("worker")) as base:
        postgres.start(base)
        fill(base)
        yield base


def environment(base):
    entry = postgres.database(base)
    url = f"postgres://{entry['USER']}@/{entry['NAME']}?host={entry['HOST']}"
    names = {
        "DATABASE_URL": url,
        "DEBUG": "1",
        "DJANGO_SETTINGS_MODULE": "jasper_inventory.settings",
    }
    return {**os.environ, **names}


# Runs for long enough that the server stops meanwhile.
QUEUE_SLOW = "import django; django.setup(); from tests.accounts.test_db_worker import slow;"
QUEUE_SLOW += "slow.enqueue()"


@task()
def slow():
    time.sleep(4)


def queue(base, code=QUEUE):
    subprocess.run(
        [sys.executable, "-c", code],
        cwd=settings.BASE_DIR,
        env=environment(base),
        check=True,
        timeout=LONGEST,
    )


def done(base, number):
    """Whether this number of tasks is done in time."""
    deadline = time.monotonic() + LONGEST
    sql = "SELECT count(*) FROM django_tasks_database_dbtaskresult WHERE finished_at IS NOT NULL"
    while time.monotonic() < deadline:
        if query(base, sql) == number:
            return True
        time.sleep(0.1)
    return False


@pytest.fixture
def worker(base):
    command = [sys.executable, "manage.py", "db_worker", "--interval", "0.1"]
    with subprocess.Popen(
        command, cwd=settings.BASE_DIR, env=environment(base), stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.terminate()


def test_the_worker_outlives_a_cut_connection_and_a_stopped_server(base, worker):
    queue(base)
    assert done(base, 1)

    cut = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
    others = "pid <> pg_backend_pid() AND datname = current_database()"
    assert query(base, f"{cut} WHERE {others}") >= 1
    queue(base)
    assert done(base, 2)

    postgres.stop(base)
    time.sleep(2.5)
    assert worker.poll() is None
    postgres.start(base)
    queue(base)
    assert done(base, 3)

    # A signal still ends it, and the log has a line for each outage.
    worker.terminate()
    assert worker.wait(LONGEST) == 0
    lines = worker.stderr.read().splitlines()
    assert 1 <= len(lines) <= 4
    assert all("waiting for it" in line for line in lines)


def test_a_signal_that_comes_while_a_task_loses_the_server_ends_the_worker(base, worker):
    queue(base, QUEUE_SLOW)
    running = "SELECT count(*) FROM django_tasks_database_dbtaskresult WHERE status = 'RUNNING'"
    deadline = time.monotonic() + LONGEST
    while query(base, running) != 1 and time.monotonic() < deadline:
        time.sleep(0.1)
    worker.terminate()
    postgres.stop(base)
    try:
        assert worker.wait(30) == 0
    finally:
        postgres.start(base)
