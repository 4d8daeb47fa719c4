"""Fixtures that tests of licenses share."""

import pytest

from tests import factories


@pytest.fixture
def parent(hub):
    """An order that the hub allocates from, with a purchase order that others don't see."""
    return factories.order(assigned_to=hub, students=100, purchase_order="SECRET-PO")
