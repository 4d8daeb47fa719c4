"""A transfer's branch, its supplier and its purchase orders, kept by the database."""

import pytest
from django.db import InternalError, transaction
from django.http import QueryDict
from django.test import RequestFactory

from jasper_inventory.accounts.models import Level, Organization
from jasper_inventory.accounts.services.organizations import update_position
from licenses.models import Order, Transfer
from licenses.services.reclaims import reclaim_seats
from licenses.transfer_filters import TransferFilter
from tests import factories
from tests.licenses.acts import allocate, edit, parent_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def transfers(tree):
    """Seats allocated down to a center, partly reclaimed, and to another center."""
    by = factories.staff()
    top = parent_of(tree["D"], purchase_order="PO-TOP")
    middle = allocate(top, tree["R"], by, students=50)
    hub = allocate(middle, tree["H"], by, students=40)
    last = allocate(hub, tree["C"], by, students=30)
    allocate(top, tree["C2"], by, students=5)
    for order in (middle, last):
        reclaim_seats(order=Order.objects.get(pk=order.pk), number=2, by=by, reason="Unused")
    for number, order in enumerate((middle, hub, last)):
        order = Order.objects.get(pk=order.pk)
        edit(order, by, purchase_order=f"PO-NOW{number}")
    return Transfer.objects.all()


def ends(transfer):
    """The supplier's order and the holder's, fresh from the database."""
    orders = [transfer.from_order_id, transfer.to_order_id]
    supplier, holder = orders if transfer.is_allocated else reversed(orders)
    found = Order.objects.select_related("assigned_to").in_bulk(orders)
    return found[supplier], found[holder]


def expected(reader):
    """The keys that an organization sees, by the tree: see `TransferQuerySet.visible_to`."""
    seen, known = set(), {}
    for transfer in Transfer.objects.all():
        supplier, holder = ends(transfer)
        above, below = supplier.assigned_to.path, holder.assigned_to.path
        is_supplier, is_holder = above.startswith(reader.path), below.startswith(reader.path)
        if is_supplier or (
            is_holder and (holder.assigned_to_id == reader.pk or below.startswith(above))
        ):
            seen.add(transfer.pk)
        if transfer.pk in seen and (is_supplier or holder.assigned_to_id == reader.pk):
            now = holder.purchase_order if is_holder else ""
            known[transfer.pk] = {transfer.purchase_order, now} - {""}
    return seen, known


def found(membership, **typed):
    request = RequestFactory().get("/transfers/")
    request.membership = membership
    data = QueryDict(mutable=True)
    data.update(typed)
    search = TransferFilter(data, request=request)
    parts = [set(part.values_list("pk", flat=True)) for part in search.parts]
    assert not set.intersection(*parts)
    assert set(search.found.values_list("pk", flat=True)) == set.union(*parts)
    return set.union(*parts)


def check(members):
    """Compare everything that everyone sees and finds with the tree."""
    for name, member in members.items():
        member.organization.refresh_from_db()
        seen, known = expected(member.organization)
        listed = Transfer.objects.visible_to(member)
        assert {transfer.pk for transfer in listed} == seen, name
        assert found(member) == seen, name
        for text in ("now0", "now2", "po", "top"):
            by_text = {
                pk for pk, orders in known.items() if any(text in order.lower() for order in orders)
            }
            assert found(member, purchase_order=text) == by_text, (name, text)
        below = Organization.objects.filter(path__startswith=member.organization.path)
        for organization in below:
            for branch in ({}, {"branch": "on"}):
                typed = {"organization": f"#{organization.pk}", **branch}
                path = organization.path
                at = {
                    transfer.pk
                    for transfer in listed
                    if any(
                        order.assigned_to.path.startswith(path)
                        if branch
                        else order.assigned_to.path == path
                        for order in ends(transfer)
                    )
                }
                assert found(member, **typed) == at, (name, typed)


def test_everyone_sees_and_finds_the_same_before_and_after_moves(tree, transfers):
    names = ("D", "E", "R", "H", "C", "C2")
    members = {name: factories.member(tree[name]) for name in names}

    def moved(name, parent, level=None):
        organization = Organization.objects.get(pk=tree[name].pk)
        update_position(
            organization=organization,
            name=name,
            level=organization.level if level is None else level,
            parent=Organization.objects.get(pk=tree[parent].pk),
        )

    check(members)
    assert not Transfer.objects.filter(is_left_behind=True).exists()
    moved("H", "E")
    check(members)
    assert Transfer.objects.filter(is_left_behind=True).count() == 1
    moved("C2", "R")
    moved("C", "E")
    check(members)
    assert Transfer.objects.filter(is_left_behind=True).count() == 3
    moved("C", "E", Level.HUB)
    moved("H", "R")
    check(members)


def test_a_transfer_itself_still_never_changes(transfers):
    transfer = transfers.first()
    for change in ({"number": 1}, {"reason": "x"}, {"to_order": transfer.from_order_id}):
        with pytest.raises(InternalError), transaction.atomic():
            transfers.filter(pk=transfer.pk).update(**change)
    with pytest.raises(InternalError), transaction.atomic():
        transfers.filter(pk=transfer.pk).delete()


def test_a_wrong_branch_is_never_written(tree, transfers):
    before = list(transfers.order_by("pk").values())
    transfers.update(assigned_to=tree["E"], hub=None, supplier=None, is_left_behind=True)
    transfers.update(compact_purchase_orders="x")
    assert list(transfers.order_by("pk").values()) == before
