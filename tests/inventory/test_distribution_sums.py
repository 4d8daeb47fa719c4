"""License Distribution: the sums add up on every level, for any acts on any tree."""

from collections import Counter

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jasper_inventory.accounts.models import Membership, Organization, Role
from jasper_inventory.inventory.distribution import Where
from licenses.models import InventoryType, Order
from tests import factories
from tests.helpers import change
from tests.inventory.sequences import Site, steps, trees

pytestmark = pytest.mark.django_db
DAYS = (-1, 0, 29, 30, 31, 60, 61, 90, 91)
# The sums over a branch.
SUMMED = ("orders", "used", "free", "resting", "unlimited", "unlimited_used")
SUMMED += tuple(
    f"ending_{days}{what}" for days in (30, 60, 90) for what in ("", "_orders", "_unlimited")
)
OWN = ("own_received", "own_allocated", "own_used", "own_free", "own_orders", "own_unlimited")


def expected(orders):
    """The sums over some orders, from the numbers of each."""
    sums = Counter()
    for order in orders:
        kept = 0
        if order.seats is None:
            sums.update(unlimited=1, unlimited_used=order.enrolled)
        else:
            kept = order.enrolled + order.seats_available
            is_resting = order.status in ("suspended", "inactive", "scheduled")
            sums.update(
                used=order.enrolled,
                free=order.seats_available,
                resting=is_resting * order.seats_available,
            )
        sums["orders"] += 1
        for days in (30, 60, 90):
            if (order.finish_date - factories.today()).days <= days:
                sums[f"ending_{days}"] += kept
                sums[f"ending_{days}_orders"] += 1
                sums[f"ending_{days}_unlimited"] += order.seats is None
    return sums


def expected_own(orders):
    limited = [order for order in orders if order.seats is not None]
    return Counter(
        own_received=sum(order.seats for order in limited),
        own_allocated=sum(order.seats_taken - order.enrolled for order in limited),
        own_used=sum(order.enrolled for order in limited),
        own_free=sum(order.seats_available for order in limited),
        own_orders=len(orders),
        own_unlimited=len(orders) - len(limited),
    )


def only(seats, names):
    return {name: seats[name] for name in names}


def added(seats, names):
    return {name: sum(one[name] for one in seats) for name in names}


def check(membership):
    """Everything on the page about each organization in the role's scope."""
    today = timezone.localdate()
    orders = Order.objects.with_status(today).select_related("assigned_to")
    orders = [
        order for order in orders if order.is_approved and order.finish_date >= factories.today()
    ]
    branches = {}
    for at in Organization.objects.visible_to(membership):
        where = Where(membership, at=at, today=today)
        children = list(where.children())
        whole, lines = where.by_organization(children)
        branches[at.pk] = (whole, [child.pk for child in children], lines)
        ours = [order for order in orders if order.assigned_to == at]
        assert only(whole, OWN) == only(expected_own(ours), OWN)
        assert (
            whole["own_received"] == whole["own_allocated"] + whole["own_used"] + whole["own_free"]
        )
        below = [order for order in orders if order.assigned_to.path.startswith(at.path)]
        assert only(whole, SUMMED) == only(expected(below), SUMMED)
        # The organization's own numbers and its children's add up to its line.
        assert only(whole, SUMMED) == added([expected(ours), *lines], SUMMED)
        # So do its product mixes, and the two inventory types.
        mixes = where.by_mix().values()
        assert only(whole, (*SUMMED, *OWN)) == added(mixes, (*SUMMED, *OWN))
        kinds = [
            Where(membership, at=at, today=today, inventory_type=kind).by_organization([])[0]
            for kind in InventoryType.values
        ]
        assert only(whole, (*SUMMED, *OWN)) == added(kinds, (*SUMMED, *OWN))
    # A child's line agrees with its own page.
    for _whole, children, lines in branches.values():
        for child, line in zip(children, lines, strict=True):
            assert only(line, (*SUMMED, *OWN)) == only(branches[child][0], (*SUMMED, *OWN))


@settings(
    max_examples=15,
    deadline=None,
    database=None,
    print_blob=True,
    suppress_health_check=list(HealthCheck),
)
@given(
    parents=trees,
    sequence=steps,
    # The order and its last day; it is switched off, starts tomorrow or loses a product.
    fates=st.lists(st.tuples(st.integers(0, 30), st.sampled_from(DAYS), st.integers(0, 5))),
)
def test_it_adds_up(db, parents, sequence, fates):
    with transaction.atomic():
        site = Site(parents)
        for step in sequence:
            site.do(*step)
        for at, days, fate in fates:
            order = site.order(at)
            begins = factories.days(1 if fate == 2 and days > 0 else -20)
            change(
                order,
                start_date=begins,
                finish_date=factories.days(days),
                # A request has no switch yet.
                is_active=fate != 1 or not order.is_approved,
            )
            if fate > 2:
                order.order_products.filter(product=site.mix[fate % 2]).delete()
        # An administrator of the vendor sees every tree.
        check(
            Membership.objects.create(
                user=site.by, organization=site.organizations[0], role=Role.ADMINISTRATOR
            )
        )
        transaction.set_rollback(True)
