"""Queries that are written once find the same rows as queries that Django writes each time."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from jasper_inventory.accounts.models import Level
from jasper_inventory.inventory.queries import OrderPaginator, inventory_rows
from jasper_inventory.lib.written_queries import KEYS, READER, WrittenQuery, is_among_keys
from licenses.models import Order
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def tree():
    """An organization on each level below CCI, from the top."""
    above, found = None, []
    for level in (Level.DISTRIBUTOR, Level.RESELLER, Level.HUB, Level.CENTER):
        above = factories.organization(level=level, parent=above)
        found.append(above)
    return found


def test_each_reading_has_its_own_values(tree):
    orders = [factories.order(assigned_to=each) for each in tree[:2]]
    rows = Order.objects.filter(is_among_keys("pk"), assigned_to=READER).order_by("pk")
    written = WrittenQuery(rows)
    keys = [order.pk for order in orders]

    for order in orders:
        assert written.read({KEYS: keys, READER: order.assigned_to_id}) == [order]
        assert written.read({KEYS: [], READER: order.assigned_to_id}) == []
        assert written.read({KEYS: [order.pk], READER: order.assigned_to_id}) == [order]


def test_values_are_no_part_of_the_sql():
    written = WrittenQuery(Order.objects.filter(purchase_order="PO-7").values_list("pk"))

    with CaptureQueriesContext(connection) as queries:
        assert written.read({}) == []

    assert [query["sql"].count("PO-7") for query in queries] == [1]
    assert "PO-7" not in written._sql


def test_every_level_of_reader_sees_its_own_rows(tree):
    """The query of the inventory's rows is written once for each level."""
    for organization in tree:
        factories.order(assigned_to=organization, purchase_order=organization.name)
    every = list(Order.objects.values_list("number", flat=True))
    today = timezone.localdate()

    for organization in [*tree, *tree]:
        membership = factories.member(organization)
        found = Order.objects.visible_to(membership)
        read = OrderPaginator(found, [found], membership, 25).read(every)
        expected = list(inventory_rows(membership, today))
        shown = [(row.pk, row.shows_terms, row.status, str(row.assigned_to)) for row in read]
        assert sorted(shown) == sorted(
            (row.pk, row.shows_terms, row.status, str(row.assigned_to)) for row in expected
        )
