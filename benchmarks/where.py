"""Pages of a distributor with a large inventory below it, beside the bare sum of its places."""

import statistics
import time
from collections.abc import Callable
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from benchmarks.large_inventory import ORDERS, ORGANIZATIONS, large_inventory
from jasper_inventory.accounts.models import Level, Organization

RUNS = 7
# The same rows: of the whole branch, approved and not ended.
FLOOR = """
SELECT sum(seats), sum(enrolled)
FROM licenses_order JOIN accounts_organization AS holder ON holder.id = assigned_to_id
WHERE path LIKE %s AND outcome = 'approved' AND finish_date >= current_date
"""


def bare_sum(path: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(FLOOR, [f"{path}%"])
        cursor.fetchone()


def seconds(work: Callable[[], Any]) -> float:
    """The median of several runs, after one that warms up."""
    took = []
    for _run in range(RUNS + 1):
        start = time.perf_counter()
        work()
        took.append(time.perf_counter() - start)
    return statistics.median(took[1:])


def measure(client: Client, title: str, address: str, floor: float) -> None:
    """Print what a page takes: the whole answer, from address to HTML."""
    took = seconds(lambda: client.get(address))
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(address)
    assert answer.status_code == 200, (address, answer.status_code)
    size = len(answer.content) / 1024
    print(f"{title:52}  {took * 1000:6.0f}  {took / floor:5.1f}  {len(queries):7}  {size:5.0f}")


def main() -> None:
    with large_inventory() as membership:
        top = membership.organization
        reseller = Organization.objects.filter(level=Level.RESELLER).first()
        hub = Organization.objects.filter(level=Level.HUB).first()
        assert reseller and hub
        client = Client()
        client.force_login(membership.user)
        floor = seconds(lambda: bare_sum(top.path))
        print(f"{ORGANIZATIONS:,} organizations, {ORDERS:,} orders")
        print(f"{'':52}  {'ms':>6}  {'times':>5}  {'queries':>7}  {'KiB':>5}")
        print(f"{'bare SUM over the same rows':52}  {floor * 1000:6.0f}    1.0        1")
        pages = {
            "Where are my licenses?, of all": "/inventory/where/",
            "- one reseller": f"/inventory/where/?at={reseller.pk}",
            "- one hub": f"/inventory/where/?at={hub.pk}",
            "- of all, codes only": "/inventory/where/?type=codes",
            "- of all, one product mix": "/inventory/where/?mix=1-2-3-4-5-6-7",
            "its link: all below, free": f"/inventory/?below={top.pk}&seats=free",
            "its link: all below, ending within 30 days": f"/inventory/?below={top.pk}&ending=30",
            "its link: one product mix, free": (
                f"/inventory/?below={top.pk}&seats=free&mix=1-2-3-4-5-6-7"
            ),
            "License Inventory": "/inventory/",
            "Transfers": "/transfers/",
            "Transfers of one organization": f"/transfers/?organization={hub.pk}",
        }
        for title, address in pages.items():
            measure(client, title, address, floor)


if __name__ == "__main__":
    main()
