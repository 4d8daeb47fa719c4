"""Any acts in any order on any tree: every counter stays right."""

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings

from jasper_inventory.support.integrity import differences
from licenses.models import Order, Transfer
from tests import factories
from tests.inventory.sequences import Site, steps, trees

pytestmark = pytest.mark.django_db


def check(site):
    """Rules that always hold."""
    assert differences() == []
    for request in Order.objects.pending():
        assert request.requested_to == request.assigned_to.supplier
    for order in Order.objects.select_related("parent", "assigned_to"):
        assert order.unused is None or order.unused >= 0
        assert order.seats_available is None or order.seats_available >= 0
        if order.parent_id:
            lives = order.parent.finish_date >= factories.today()
            assert not lives or order.assigned_to.supplier == order.parent.assigned_to
            moved = sum(
                (transfer.number or 0) * (1 if transfer.is_allocated else -1)
                for transfer in Transfer.objects.of_order(order)
                if order.pk
                == (transfer.to_order if transfer.is_allocated else transfer.from_order).pk
            )
            assert moved == ((order.number_of_codes if order.is_codes else order.students) or 0)


@settings(
    max_examples=30,
    deadline=None,
    database=None,
    print_blob=True,
    suppress_health_check=list(HealthCheck),
)
@given(parents=trees, sequence=steps)
def test_every_counter_stays_right(db, parents, sequence):
    with transaction.atomic():
        site = Site(parents)
        for step in sequence:
            if site.do(*step):
                check(site)
        transaction.set_rollback(True)
