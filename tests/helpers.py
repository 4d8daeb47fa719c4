"""Helpers for tests of services: acts at the same time, and the history of an act."""

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import IntegrityError, connection, transaction

from jasper_inventory.lib.exceptions import DomainError
from licenses.models import Order

# Longer than any test here; a test that would wait forever should fail instead.
_LONGEST = 30


def at_once(*acts, hold=None):
    """Run functions in threads of their own; return what each gave: its result, or its refusal.

    With `hold`, a row, that row is locked until all of them wait for a lock, and they got there
    in the order given; so that they meet in the middle and not by luck.
    """
    if hold is None:
        start = Barrier(len(acts))
        with ThreadPoolExecutor(len(acts)) as pool:
            return [f.result() for f in [pool.submit(_run, act, start) for act in acts]]
    futures = []
    with ThreadPoolExecutor(len(acts)) as pool:
        with transaction.atomic():
            type(hold)._base_manager.select_for_update(of=("self",)).get(pk=hold.pk)
            for act in acts:
                futures.append(pool.submit(_run, act))
                _until_they_wait(futures)
        return [future.result() for future in futures]


def _run(act, start=None):
    try:
        if start is not None:
            start.wait(timeout=_LONGEST)
        return act()
    except DomainError as refusal:
        return refusal
    finally:
        connection.close()


def _until_they_wait(futures):
    deadline = time.monotonic() + _LONGEST
    with connection.cursor() as cursor:
        while time.monotonic() < deadline:
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            if cursor.fetchone()[0] + sum(future.done() for future in futures) == len(futures):
                return
    raise AssertionError("the acts don't wait for each other")


def refusals(results):
    """The results of `at_once` that are refusals."""
    return [result for result in results if isinstance(result, DomainError)]


def last_act(row):
    """The newest history record of a row: action, user and, if there is one, reason."""
    return row.events.order_by("pgh_id").last().pgh_context.metadata


def refused(constraint):
    """The database refuses, naming this constraint (a regular expression)."""
    return pytest.raises(IntegrityError, match=constraint)


def change(order, **values):
    """Change an order's row in the database only, like a bulk update."""
    Order.objects.filter(pk=order.pk).update(**values)
