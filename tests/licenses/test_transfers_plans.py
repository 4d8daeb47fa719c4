"""A supplier's transfers are read from indexes, whatever they are searched for.

The supplier has a tenth of the transfers, so a plan that reads all of them is chosen only where
nothing better exists.
"""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from jasper_inventory.accounts.models import Level
from licenses.models import Order, Transfer
from tests import factories
from tests.licenses.acts import allocate, parent_of
from tests.pages import rows
from tests.plans import analyze, copy, scans_and_sorts

pytestmark = pytest.mark.django_db

OURS, OTHERS = 4_000, 40_000
VARIED = {
    "made_at": "original.made_at - n * interval '1 hour'",
    "purchase_order": "'PO-' || n",
    # Triggers, which are off, would find it.
    "compact_purchase_orders": "'po' || n",
}
ORDERS = {"purchase_order": "'PO-' || n"}


def branch(number):
    """The administrators of a distributor, a hub and a center with this many transfers."""
    distributor = factories.organization(level=Level.DISTRIBUTOR)
    hub = factories.organization(level=Level.HUB, parent=distributor)
    center = factories.organization(parent=hub)
    by = factories.staff()
    parent = parent_of(hub, students=None)
    child = allocate(parent, center, by, students=1)
    copy(child, number, ORDERS, without=("number", "renewal_of", "forwarded_as"))
    to_order = f"{child.pk} + n"
    copy(Transfer.objects.latest("pk"), number, {**VARIED, "to_order_id": to_order})
    return [factories.member(each) for each in (distributor, hub, center)], child


@pytest.fixture
def ours():
    mine, _others = branch(OURS), branch(OTHERS)
    analyze(Transfer, Order)
    return mine


def test_no_page_of_transfers_reads_or_sorts_all(ours, sign_in):
    members, child = ours
    wrong, numbers = {}, {}
    for member in members:
        site = sign_in(member)
        site.get("/transfers/")
        for search in (
            *("", "page=100", "page=9999999", "kind=reclaimed", "kind=allocated"),
            *("purchase_order=PO-77", "purchase_order=PO", "purchase_order=zzz"),
            f"organization=%23{child.assigned_to_id}",
            f"organization=%23{child.assigned_to_id}&branch=on",
            f"organization=%23{member.organization_id}&branch=on",
            f"order={child.number}",
            f"first_day={factories.days(-30)}&last_day={factories.days(-20)}",
        ):
            with CaptureQueriesContext(connection) as queries:
                page = site.get(f"/transfers/?{search}")
            assert page.status_code == 200
            if found := scans_and_sorts(queries.captured_queries, [Transfer, Order], OURS / 2):
                wrong[member.organization.level, search] = found
            if search in ("", "page=100"):
                assert len(rows(page)) == 25
                numbers[member.organization.level, search] = len(queries)
    assert wrong == {}
    assert len(set(numbers.values())) == 1
