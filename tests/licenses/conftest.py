"""Fixtures that tests of licenses share."""

import pytest

from jasper_inventory.accounts.models import Level
from tests import factories


@pytest.fixture
def parent(hub):
    """An order that the hub allocates from, with a purchase order that others don't see."""
    return factories.order(assigned_to=hub, students=100, purchase_order="SECRET-PO")


@pytest.fixture
def tree(db):
    """Organizations by name; C2 has no reseller and no hub above it, H2 no reseller."""
    made = {"CCI": factories.vendor()}
    for name, level, parent in (
        ("D", Level.DISTRIBUTOR, "CCI"),
        ("E", Level.DISTRIBUTOR, "CCI"),
        ("R", Level.RESELLER, "D"),
        ("H", Level.HUB, "R"),
        ("C", Level.CENTER, "H"),
        ("C2", Level.CENTER, "D"),
        ("H2", Level.HUB, "E"),
        ("C3", Level.CENTER, "H2"),
        ("C4", Level.CENTER, "CCI"),
    ):
        made[name] = factories.organization(name, level=level, parent=made[parent])
    return made
