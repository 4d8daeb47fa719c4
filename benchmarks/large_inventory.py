"""A database of its own with 5,000 organizations and 200,000 orders, dropped at the end."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django.test.utils import setup_test_environment

from jasper_inventory.accounts.models import Membership
from jasper_inventory.demo.large.loader import Size, load

ORGANIZATIONS = 5_000
ORDERS = 200_000


@contextmanager
def large_inventory() -> Iterator[Membership]:
    """Load it, give its largest distributor's administrator, and drop it."""
    setup_test_environment()
    old = connection.settings_dict["NAME"]
    connection.settings_dict["TEST"]["NAME"] = "benchmark_jasper_inventory"
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        size = Size(organizations=ORGANIZATIONS, orders=ORDERS, codes=ORDERS, students=ORDERS)
        load(size, seed=1)
        yield Membership.objects.get(user__username="large.distributor")
    finally:
        connection.creation.destroy_test_db(old, verbosity=0)
