"""The totals of approved orders: sums of changes that triggers write and the daily run adds up."""

from threading import Barrier

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from jasper_inventory.accounts.models import Level, Organization
from jasper_inventory.accounts.services.organizations import update_position
from jasper_inventory.support.integrity import differences, repair
from licenses.models import ApprovedCount, InventoryType, Order
from licenses.services.requests import approve_request, reject_request
from tests import factories
from tests.helpers import at_once
from tests.plans import analyze, nodes, plans_of

pytestmark = pytest.mark.django_db


def counted(organization):
    """The approved orders of an organization and of its branch by type, from the orders."""
    approved = Order.objects.approved()
    own = approved.held_by(organization)
    branch = approved.filter(assigned_to__path__startswith=organization.path)
    return {
        kind: (own.filter(inventory_type=kind).count(), branch.filter(inventory_type=kind).count())
        for kind in InventoryType.values
    }


def totals(organization):
    """The same, from the changes."""
    sums = {kind: numbers for kind, *numbers in ApprovedCount.objects.sums(organization)}
    return {kind: tuple(sums.get(kind, (0, 0))) for kind in InventoryType.values}


def assert_totals_are_right():
    for organization in Organization.objects.all():
        assert totals(organization) == counted(organization), organization.name
    assert differences() == []


@pytest.fixture
def orders(tree):
    """An order of each organization, and one more of each type for a center."""
    made = {
        name: factories.order(assigned_to=each) for name, each in tree.items() if not each.is_vendor
    }
    return made | {
        "more": factories.order(assigned_to=tree["C"]),
        "codes": factories.order(factories.CODES, assigned_to=tree["C"]),
    }


def test_totals_follow_orders_that_are_assigned(orders):
    assert_totals_are_right()


def test_only_approved_requests_are_counted(tree, orders, staff):
    member = factories.member(tree["C"])
    first, second = (factories.license_request(membership=member) for _ in range(2))
    before = totals(tree["D"])[InventoryType.CENTER_LICENSE]

    reject_request(request=first, by=staff, comments="No")
    assert totals(tree["D"])[InventoryType.CENTER_LICENSE] == before
    mix = factories.products()
    approve_request(request=second, by=staff, terms=factories.terms(), products=mix)

    assert_totals_are_right()
    after = totals(tree["D"])[InventoryType.CENTER_LICENSE]
    assert after == (before[0], before[1] + 1)


def test_totals_follow_organizations_that_move(tree, orders):
    def moved(name, parent, level=None):
        organization = Organization.objects.get(pk=tree[name].pk)
        level = organization.level if level is None else level
        update_position(organization=organization, name=name, level=level, parent=tree[parent])

    for name, parent in (("R", "E"), ("H", "CCI"), ("C3", "H")):
        moved(name, parent)
        assert_totals_are_right()
    moved("R", "CCI", Level.DISTRIBUTOR)
    assert_totals_are_right()


def test_totals_follow_orders_that_are_deleted(orders):
    with connection.cursor() as cursor:
        for table in ("licenses_orderproduct", "licenses_activity"):
            cursor.execute(f"DELETE FROM {table} WHERE order_id = %s", [orders["more"].pk])
        cursor.execute("DELETE FROM licenses_order WHERE id = %s", [orders["more"].pk])

    assert_totals_are_right()


def test_a_move_writes_nothing_for_organizations_that_stay_above(tree, orders):
    call_command("clean_up")
    before = {*ApprovedCount.objects.values_list("pk", flat=True)}

    organization = Organization.objects.get(pk=tree["R"].pk)
    update_position(organization=organization, name="R", level=Level.RESELLER, parent=tree["E"])

    written = ApprovedCount.objects.exclude(pk__in=before)
    assert {*written.values_list("organization", flat=True)} == {tree["D"].pk, tree["E"].pk}


def test_the_daily_run_adds_up_changes(tree, orders):
    for _ in range(3):
        factories.order(assigned_to=tree["C"])
    more = ApprovedCount.objects.count()

    call_command("clean_up")

    assert_totals_are_right()
    kept = ApprovedCount.objects.values_list("organization", "inventory_type")
    assert len(kept) == len({*kept}) < more


@pytest.mark.parametrize("name", ["R", "C", "CCI"])
@pytest.mark.parametrize("column", ["own", "branch"])
def test_a_wrong_total_is_found_and_repaired(tree, orders, staff, name, column):
    codes = {"inventory_type": InventoryType.USER_ACTIVATION_CODES, "own": 0, "branch": 0}
    ApprovedCount.objects.create(organization=tree[name], **(codes | {column: 7}))

    (found,) = differences()
    assert found.counter == f"organization {tree[name].pk}: codes_of_{column}"
    assert found.stored == found.counted + 7
    assert [each.repaired for each in repair(by=staff)] == [True]
    assert_totals_are_right()


def test_the_totals_of_a_page_are_read_from_their_index(tree, orders, sign_in):
    ApprovedCount.objects.bulk_create(
        ApprovedCount(organization=each, inventory_type=kind, own=0, branch=0)
        for each in Organization.objects.all()
        for kind in InventoryType.values
        for _ in range(500)
    )
    analyze(ApprovedCount)
    site = sign_in(factories.member(tree["D"]))
    with CaptureQueriesContext(connection) as queries:
        assert site.get("/inventory/").status_code == 200

    [(sql, plan)] = plans_of(queries.captured_queries, "licenses_approvedcount")
    tables = {node["Node Type"] for node in nodes(plan) if "Relation Name" in node}
    assert tables == {"Index Only Scan"}, sql


@pytest.mark.django_db(transaction=True)
def test_two_who_assign_licenses_in_one_branch_do_not_wait_for_each_other(tree):
    """Each writes an order in a transaction that stays open until both have written theirs."""
    mix, by, written = factories.products(), factories.staff(), Barrier(2, timeout=20)

    def assigning(name):
        def assign():
            with transaction.atomic():
                factories.order(assigned_to=tree[name], product_mix=mix, by=by)
                # Raises an error after a while if the other one waits.
                written.wait()

        return assign

    at_once(assigning("C"), assigning("C2"))

    assert_totals_are_right()
