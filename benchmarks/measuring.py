"""Runs each candidate in a process of its own, so that its peak memory is its own, and tells."""

import json
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

from django.core.management import call_command
from django.db import transaction
from django.utils import timezone

from jasper_inventory.accounts.models import Level, Organization, User
from licenses.models import InventoryType, Order, Product, ProductFamily
from licenses.services.orders import assign_order
from licenses.terms import Terms, a_year_after

RUNS = 3


@contextmanager
def order_of_codes(number: int) -> Iterator[tuple[Order, User]]:
    """An order of so many codes and who may create them; all of it is undone at the end."""
    name = f"benchmark {uuid4()}"
    today = timezone.localdate()
    with transaction.atomic():
        by = User.objects.create(username=name, is_staff=True)
        family = ProductFamily.objects.create(name=name)
        vendor = Organization.objects.vendor()
        center = Organization.objects.add_child(vendor, {"name": name, "level": Level.CENTER})
        order = assign_order(
            assigned_to=center,
            inventory_type=InventoryType.USER_ACTIVATION_CODES,
            products=[Product.objects.create(family=family, name=name)],
            terms=Terms(
                start_date=today,
                finish_date=a_year_after(today),
                number_of_codes=number,
                users_per_code=1,
                duration=90,
            ),
            by=by,
        )
        yield order, by
        transaction.set_rollback(True)


def measured(work: Callable[[], Any]) -> dict[str, float]:
    """Seconds that the work takes, and this process's peak memory after it and before, in MB."""
    before = _peak()
    start = time.perf_counter()
    work()
    return {"seconds": time.perf_counter() - start, "before": before, "peak": _peak()}


def _peak() -> float:
    # Linux counts in KiB, macOS in bytes.
    unit = 2**20 if sys.platform == "darwin" else 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def compare(module: str, cases: list[tuple[str, str, int]]) -> None:
    """Run (title, candidate, number) in turn, each several times, and print their medians.

    Each is held against the first of the same number.
    """
    results: dict[int, list[dict[str, float]]] = {at: [] for at in range(len(cases))}
    for _run in range(RUNS):
        for at, (_title, candidate, number) in enumerate(cases):
            command = [sys.executable, "-m", module, candidate, str(number)]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            results[at].append(json.loads(done.stdout.splitlines()[-1]))
    print(f"{'':44}  {'codes':>7}  {'seconds':>7}  {'times':>5}  {'peak MB':>7}  {'grew MB':>7}")
    first: dict[int, float] = {}
    for at, (title, _candidate, number) in enumerate(cases):
        seconds = statistics.median(run["seconds"] for run in results[at])
        peak = statistics.median(run["peak"] for run in results[at])
        grew = statistics.median(run["peak"] - run["before"] for run in results[at])
        times = seconds / first.setdefault(number, seconds)
        print(f"{title:44}  {number:7}  {seconds:7.2f}  {times:5.2f}  {peak:7.1f}  {grew:7.1f}")


def main(module: str, cases: list[tuple[str, str, int]], candidates: dict[str, Any]) -> None:
    """The command: compare all, or in a process of its own run one candidate."""
    if len(sys.argv) == 1:
        call_command("migrate", verbosity=0)
        compare(module, cases)
        return
    candidate, number = sys.argv[1:]
    print(json.dumps(candidates[candidate](int(number))))
