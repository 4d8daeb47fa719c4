"""Workers outlive the database, and others take up what killed workers leave: once."""

import os
import signal
import time

import pytest

from jasper_inventory.devserver import postgres
from tests.servers import query
from tests.workers import LEASE, LONGEST, becomes, queue, worker

TASKS = "tests.jobs.tasks"
CUT = (
    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
    " WHERE pid <> pg_backend_pid() AND datname = current_database()"
)


def number(table, name):
    return f"SELECT count(*) FROM {table} WHERE name = '{name}'"


def succeeded(name):
    """A query: whether the job with this first argument is done, and was done once."""
    return (
        "SELECT count(*) FROM django_tasks_database_dbtaskresult WHERE status = 'SUCCESSFUL'"
        f" AND args_kwargs -> 'args' ->> 0 = '{name}'"
    )


def attempts(base, name):
    return query(
        base,
        "SELECT jsonb_array_length(worker_ids) FROM django_tasks_database_dbtaskresult"
        f" WHERE args_kwargs -> 'args' ->> 0 = '{name}'",
    )


def is_done_once(base, name):
    return becomes(base, succeeded(name), 1) and query(base, number("done", name)) == 1


def test_a_worker_outlives_cut_connections_and_a_stopped_server(base):
    with worker(base) as process:
        queue(base, (TASKS, "work", "before", 0))
        assert is_done_once(base, "before")

        assert query(base, CUT) >= 1
        queue(base, (TASKS, "work", "cut", 0))
        assert is_done_once(base, "cut")

        postgres.stop(base)
        time.sleep(1.5)
        assert process.poll() is None
        postgres.start(base)
        queue(base, (TASKS, "work", "stopped", 0))
        assert is_done_once(base, "stopped")

        # A signal still ends it, and the log has a line for each outage.
        process.terminate()
        assert process.wait(LONGEST) == 0
        lines = process.stderr.read().splitlines()
    assert 1 <= len([line for line in lines if "waiting for it" in line]) <= 4
    assert query(base, "SELECT count(*) FROM jobs_worker") == 0


@pytest.mark.parametrize("task", ["work", "long_work"])
def test_a_job_whose_connection_is_cut_is_retried(base, task):
    name = f"cut {task}"
    with worker(base):
        queue(base, (TASKS, task, name, 2))
        assert becomes(base, number("begun", name), 1)
        query(base, CUT)
        assert is_done_once(base, name)
    assert attempts(base, name) == 2


def test_a_job_that_loses_the_postmaster_is_retried(base):
    with worker(base):
        queue(base, (TASKS, "work", "postmaster", 2))
        assert becomes(base, number("begun", "postmaster"), 1)
        pid = int(
            (postgres._server_folder(base) / "data" / "postmaster.pid").read_text().split()[0]
        )
        os.kill(pid, signal.SIGKILL)
        time.sleep(1)
        postgres.start(base)
        assert is_done_once(base, "postmaster")


@pytest.mark.parametrize("moment", ["claimed", "working", "recording"])
def test_the_job_of_a_killed_worker_is_taken_up_once(base, moment):
    name = f"killed {moment}"
    seconds = {"claimed": 1, "working": 3, "recording": 0}[moment]
    with worker(base) as first:
        queue(base, (TASKS, "work", name, seconds))
        table = "done" if moment == "recording" else "begun"
        assert becomes(base, number(table, name), 1)
        first.kill()
        first.wait(LONGEST)
        with worker(base), worker(base):
            assert becomes(base, succeeded(name), 1)
    # What was committed before the worker was killed may be done again; a task has to bear it.
    assert query(base, number("done", name)) in ((1, 2) if moment == "recording" else (1,))
    assert attempts(base, name) <= 2


def test_a_long_job_stays_with_its_worker(base):
    with worker(base):
        queue(base, (TASKS, "held", "long"))
        assert becomes(base, number("begun", "long"), 1)
        with worker(base), worker(base):
            # Others are done meanwhile, and the lease would have ended.
            queue(base, (TASKS, "work", "short", 0))
            assert is_done_once(base, "short")
            time.sleep(LEASE + 1)
            query(base, "INSERT INTO begun VALUES ('long may end')")
            assert is_done_once(base, "long")
    assert attempts(base, "long") == 1


def test_a_worker_ends_at_a_signal_while_its_job_has_lost_the_server(base):
    with worker(base) as process:
        queue(base, (TASKS, "work", "signal", 3))
        assert becomes(base, number("begun", "signal"), 1)
        process.terminate()
        postgres.stop(base)
        try:
            assert process.wait(LONGEST) == 0
        finally:
            postgres.start(base)
    with worker(base):
        assert is_done_once(base, "signal")


def test_a_second_signal_leaves_the_job_to_others_at_once(base):
    with worker(base) as first:
        queue(base, (TASKS, "work", "left", 20))
        assert becomes(base, number("begun", "left"), 1)
        first.terminate()
        time.sleep(0.5)
        first.terminate()
        assert first.wait(LONGEST) == 1
    assert (
        query(base, "SELECT count(*) FROM jobs_worker WHERE seen_at > now() - interval '2 s'") == 0
    )


def test_schedules_run_once_with_several_workers(base):
    query(base, "DELETE FROM jobs_scheduledrun")
    finished = "SELECT count(*) FROM jobs_scheduledrun WHERE finished_at IS NOT NULL"
    with worker(base), worker(base), worker(base):
        assert becomes(base, finished, 2)
        time.sleep(LEASE)
    assert query(base, "SELECT count(*) FROM jobs_scheduledrun") == 2
    assert query(base, "SELECT count(*) >= 1 FROM licenses_alertrun WHERE finished_at IS NOT NULL")
