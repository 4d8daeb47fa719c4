"""What tests of licenses share."""

import pytest

from tests import factories


@pytest.fixture
def parent(hub):
    """An order that the hub gives from, with a purchase order that is nobody else's business."""
    return factories.order(assigned_to=hub, students=100, purchase_order="SECRET-PO")
