"""An order's branch: the organizations above its license holder, kept by the database."""

import pytest
from django.db import connection

from jasper_inventory.accounts.models import Level, Organization
from jasper_inventory.accounts.services.organizations import update_position
from jasper_inventory.support.checks import TOTALS
from jasper_inventory.support.integrity import differences, repair
from licenses.models import Order
from licenses.models.branches import ABOVE, COLUMNS
from tests import factories

pytestmark = pytest.mark.django_db


def branch(order):
    """The names of the order's distributor, reseller and hub."""
    order = Order.objects.select_related("distributor", "reseller", "hub").get(pk=order.pk)
    return tuple(each and each.name for each in (order.distributor, order.reseller, order.hub))


@pytest.mark.parametrize(
    ("holder", "expected"),
    [
        ("C", ("D", "R", "H")),
        ("C2", ("D", None, None)),
        ("C3", ("E", None, "H2")),
        ("C4", (None, None, None)),
        ("H", ("D", "R", "H")),
        ("R", ("D", "R", None)),
    ],
)
def test_an_order_knows_the_organizations_above_its_holder(tree, holder, expected):
    assert branch(factories.order(assigned_to=tree[holder])) == expected


def everyones_scope(tree):
    """What each organization's scope has by the columns, and by the tree."""
    for organization in Organization.objects.all():
        by_tree = Order.objects.filter(assigned_to__path__startswith=organization.path)
        yield organization.name, {*Order.objects.in_scope_of(organization)}, {*by_tree}


def test_the_scope_is_that_of_the_tree_before_and_after_moves(tree, staff):
    holders = {name: each for name, each in tree.items() if not each.is_vendor}
    orders = {name: factories.order(assigned_to=each) for name, each in holders.items()}
    events = {name: order.events.count() for name, order in orders.items()}

    def moved(name, parent, level=None):
        organization = Organization.objects.get(pk=tree[name].pk)
        update_position(
            organization=organization,
            name=name,
            level=organization.level if level is None else level,
            parent=tree[parent],
        )

    for name, columns, paths in everyones_scope(tree):
        assert columns == paths, name
    moved("R", "E")
    assert branch(orders["C"]) == ("E", "R", "H")
    moved("H", "CCI")
    assert branch(orders["C"]) == (None, None, "H")
    moved("C3", "H")
    moved("H2", "R")
    moved("R", "CCI", Level.DISTRIBUTOR)
    assert branch(orders["H2"]) == ("R", None, "H2")
    for name, columns, paths in everyones_scope(tree):
        assert columns == paths, name
    # No order has another holder, so their history has nothing new.
    assert {name: order.events.count() for name, order in orders.items()} == events


def test_a_stale_copy_of_an_order_does_not_overwrite_its_branch(tree):
    order = factories.order(assigned_to=tree["C"])
    order.distributor = tree["E"]
    order.save()

    assert branch(order) == ("D", "R", "H")


def test_every_level_below_the_vendor_has_its_column():
    assert set(COLUMNS) == set(Level) - {Level.VENDOR}
    for column in COLUMNS.values():
        assert Order._meta.get_field(column).related_model is Organization


@pytest.mark.parametrize("column", ABOVE.values())
def test_check_inventory_finds_and_repairs_a_wrong_branch(tree, staff, column):
    order = factories.order(assigned_to=tree["C"])
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        wrong = f"UPDATE licenses_order SET {column}_id = %s WHERE id = %s"
        cursor.execute(wrong, [tree["E"].pk, order.pk])
        cursor.execute("SET LOCAL session_replication_role = origin")

    found, *totals = differences()
    assert (found.order_number, found.counter) == (order.number, column)
    # Totals follow from the branch.
    assert totals and all(each.check is TOTALS for each in totals)
    assert all(each.repaired for each in repair(by=staff))
    assert differences() == []
    assert branch(order) == ("D", "R", "H")
