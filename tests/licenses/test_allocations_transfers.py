"""Transfers: one row for each move between two orders, seen by both sides, never changed."""

import pytest
from django.core import mail
from django.db import InternalError, transaction

from activation_codes.services.codes import create_codes
from jasper_inventory.accounts.models import Level
from jasper_inventory.lib.exceptions import DomainError, NotAllowed
from jasper_inventory.support.integrity import differences
from jasper_inventory.support.organization_moves import edit_organization
from licenses.models import Order, OrderStatus, Transfer
from licenses.services import reclaims as reclaims
from licenses.services.enrollments import enroll_student
from licenses.services.orders import assign_order
from licenses.services.requests import approve_request
from tests import factories
from tests.factories import CENTER, CODES
from tests.helpers import last_act
from tests.licenses.acts import allocate, edit, parent_of

pytestmark = pytest.mark.django_db


def moved():
    """Each transfer as (kind, from, to, number), the oldest first."""
    return [
        (str(each.kind), each.from_order, each.to_order, each.number)
        for each in Transfer.objects.order_by("pk")
    ]


def reclaim_seats(order, number, by, **values):
    order = Order.objects.get(pk=order.pk)
    values.setdefault("reason", "Not used")
    return reclaims.reclaim_seats(order=order, number=number, by=by, **values)


def fresh(order):
    return Order.objects.get(pk=order.pk)


@pytest.fixture
def by(hub_admin):
    return hub_admin.user


@pytest.fixture
def parent(hub):
    return parent_of(hub)


@pytest.fixture
def child(parent, center, by):
    """40 students of the hub's 100."""
    return allocate(parent, center, by)


# Recorded with every move of seats


@pytest.mark.parametrize(("kind", "number"), [(CENTER, 40), (CODES, 4)])
def test_assigning_from_a_parent_order_is_a_transfer(hub, center, by, kind, number):
    parent = parent_of(hub, kind)
    child = assign_order(
        assigned_to=center,
        inventory_type=kind,
        products=parent.products.all(),
        terms=factories.terms(
            kind,
            **({"students": 40} if kind == CENTER else {"number_of_codes": 4, "users_per_code": 2}),
        ),
        by=by,
        parent=parent,
        purchase_order="PO-7",
        comments="For the summer",
    )
    assert moved() == [("allocated", parent, child, number)]
    transfer = Transfer.objects.get()
    assert (transfer.made_by, transfer.purchase_order) == (by, "PO-7")
    assert transfer.reason == "For the summer"
    assert transfer.made_at is not None


def test_an_unlimited_child_is_given_without_a_number(hub, center, by):
    parent = parent_of(hub, students=None)
    child = allocate(parent, center, by, students=None)
    assert moved() == [("allocated", parent, child, None)]
    assert fresh(parent).allocated == 0


def test_assigning_from_nothing_is_none(center):
    factories.order(assigned_to=center)
    assert moved() == []


def test_an_approved_request_is_allocated_from_its_parent_order(hub, admin, by):
    license_request = factories.license_request(membership=admin, students=30)
    parent = parent_of(hub, product_mix=list(license_request.products.all()))
    order = approve_request(
        request=license_request, by=by, terms=factories.terms(students=30), parent=parent
    )
    assert moved() == [("allocated", parent, order, 30)]


def test_editing_a_childs_seats_allocates_or_reclaims_the_difference(parent, child, staff):
    edit(child, staff, students=55, reason="More pupils")
    edit(fresh(child), staff, students=50)
    edit(fresh(child), staff, students=50, purchase_order="PO-9")
    assert moved() == [
        ("allocated", parent, child, 40),
        ("allocated", parent, child, 15),
        ("reclaimed", child, parent, 5),
    ]
    assert Transfer.objects.get(number=15).reason == "More pupils"
    assert fresh(parent).allocated == 50


def test_editing_to_unlimited_and_back(hub, center, by, staff):
    parent = parent_of(hub, students=None)
    child = allocate(parent, center, by)
    edit(child, staff, students=None)
    edit(fresh(child), staff, students=None)
    edit(fresh(child), staff, students=7)
    assert [each[0::3] for each in moved()] == [
        ("allocated", 40),
        ("reclaimed", 40),
        ("allocated", None),
        ("reclaimed", None),
        ("allocated", 7),
    ]
    assert differences() == []


def test_nothing_changes_a_transfer_afterwards(child):
    for change in (
        lambda: Transfer.objects.update(number=1),
        lambda: Transfer.objects.all().delete(),
    ):
        with pytest.raises(InternalError, match="append_only"), transaction.atomic():
            change()


# Reclaiming


def test_unused_seats_are_reclaimed_into_the_parent_order(parent, child, by, center, admin):
    mail.outbox.clear()
    transfer = reclaim_seats(child, 15, by, reason="They have too many")
    assert moved()[1:] == [("reclaimed", child, parent, 15)]
    assert (transfer.made_by, transfer.reason) == (by, "They have too many")
    assert (fresh(parent).allocated, fresh(child).students) == (25, 25)
    assert last_act(fresh(child)) == {
        "action": "order.reclaimed",
        "user": by.pk,
        "reason": "They have too many",
    }
    assert differences() == []


def test_the_holder_is_notified_without_the_suppliers_order(
    parent, child, by, admin, django_capture_on_commit_callbacks
):
    Order.objects.filter(pk=parent.pk).update(purchase_order="SECRET-PO")
    with django_capture_on_commit_callbacks(execute=True):
        reclaim_seats(child, 15, by, reason="They have too many")
    sent = [message for message in mail.outbox if "reclaimed seats" in message.subject]
    assert [message.to for message in sent] == [[admin.user.email]]
    for body in (sent[0].body, sent[0].alternatives[0][0]):
        assert str(child.number) in body
        assert "They have too many" in body
        assert "reclaimed 15 unused seats" in body
        assert str(parent.number) not in body
        assert "SECRET-PO" not in body


def test_never_seats_taken_by_people_or_allocated_further_down(by, staff):
    reseller = factories.organization(level=Level.RESELLER)
    hub = factories.organization(level=Level.HUB, parent=reseller)
    center = factories.organization(parent=hub)
    parent = parent_of(reseller)
    child = allocate(parent, hub, staff)
    allocate(child, center, staff, students=10)
    enroll_student(order=child, user=factories.person(), by=staff)
    with pytest.raises(DomainError, match="Only 29 seats are neither taken nor") as refusal:
        reclaim_seats(child, 30, staff)
    assert refusal.value.field == "number"
    reclaim_seats(child, 29, staff)
    assert fresh(child).seats_available == 0


def test_only_codes_not_yet_created(hub, center, by, admin):
    parent = parent_of(hub, CODES)
    child = allocate(parent, center, by)
    reclaim_seats(child, 1, by)
    create_codes(order=child, by=admin.user)
    with pytest.raises(DomainError, match="Only 0 codes are neither created nor"):
        reclaim_seats(child, 1, by)
    assert (fresh(parent).codes_allocated, fresh(child).number_of_codes) == (3, 3)


def test_reclaiming_everything_leaves_a_depleted_order(parent, child, by):
    reclaim_seats(child, 40, by)
    emptied = fresh(child)
    assert emptied.students == 0
    assert emptied.status_on(factories.today()) == OrderStatus.DEPLETED
    with pytest.raises(DomainError, match="has no seats left"):
        enroll_student(
            order=emptied, user=factories.person(), by=factories.member(child.assigned_to).user
        )


def test_reclaiming_all_codes_leaves_a_depleted_order_without_codes(hub, center, by, admin):
    child = allocate(parent_of(hub, CODES), center, by)
    reclaim_seats(child, 4, by)
    assert fresh(child).status_on(factories.today()) == OrderStatus.DEPLETED
    with pytest.raises(DomainError, match="allocated or reclaimed"):
        create_codes(order=child, by=admin.user)


def test_an_emptied_order_is_edited_filled_and_never_emptied_by_editing(parent, child, by, staff):
    reclaim_seats(child, 40, by)
    edit(fresh(child), staff, students=0, purchase_order="PO-3")
    edit(fresh(child), staff, students=5)
    with pytest.raises(DomainError, match="At least 1") as refusal:
        edit(fresh(child), staff, students=0)
    assert refusal.value.field == "students"
    assert fresh(parent).allocated == 5


def test_seats_of_a_license_that_has_ended_are_reclaimed_too(parent, child, by):
    Order.objects.filter(pk=child.pk).update(finish_date=factories.days(-1))
    reclaim_seats(child, 40, by)
    assert fresh(parent).allocated == 0


def test_an_unlimited_license_has_nothing_to_reclaim(hub, center, by):
    child = allocate(parent_of(hub, students=None), center, by, students=None)
    with pytest.raises(DomainError, match="unlimited"):
        reclaim_seats(child, 1, by)


@pytest.mark.parametrize("number", [0, -3])
def test_a_number_is_at_least_one(child, by, number):
    with pytest.raises(DomainError, match="At least 1"):
        reclaim_seats(child, number, by)


def test_a_reason_is_needed(child, by):
    with pytest.raises(DomainError) as refusal:
        reclaim_seats(child, 1, by, reason=" ")
    assert refusal.value.field == "reason"


def test_only_the_assigner_reclaims(child, admin, foreign_admin, teacher, staff):
    for who in (admin, foreign_admin, teacher):
        with pytest.raises(NotAllowed):
            reclaim_seats(child, 1, who.user)
    reclaim_seats(child, 1, staff)


def test_an_order_that_cci_assigned_has_no_parent_order(center, staff):
    with pytest.raises(DomainError, match="no parent order"):
        reclaim_seats(factories.order(assigned_to=center), 1, staff)


# Readers


def test_only_both_sides_see_a_transfer(child, admin, hub_admin, foreign_admin, teacher, hub):
    transfer = Transfer.objects.get()
    for who in (admin, hub_admin):
        assert list(Transfer.objects.visible_to(who)) == [transfer]
    cousin = factories.member(factories.organization(parent=hub))
    for who in (foreign_admin, teacher, cousin, None):
        assert not Transfer.objects.visible_to(who).exists()
    assert not Transfer.objects.manageable_by(hub_admin).exists()


def test_a_child_is_not_shown_the_suppliers_order(parent, child, admin, hub_admin):
    for who, shown in ((hub_admin, True), (admin, False)):
        transfer = Transfer.objects.visible_to(who).get()
        assert (transfer.from_shown, transfer.to_shown) == (shown, True)
        assert transfer.shows_terms
        seen, reader = Transfer.objects.visible_to(who), who.organization
        assert seen.of_number(parent.number, reader).exists() is shown
        assert seen.of_number(child.number, reader).exists()


def test_nor_of_reclaimed_seats(parent, child, admin, hub_admin, by):
    reclaim_seats(child, 5, by)
    for who, shown in ((hub_admin, True), (admin, False)):
        transfer = Transfer.objects.visible_to(who).get(kind="reclaimed")
        assert (transfer.from_shown, transfer.to_shown) == (True, shown)
        assert transfer.shows_terms


def test_a_new_supplier_sees_no_transfer_of_an_earlier_one(
    parent, child, center, admin, hub_admin, staff, by
):
    """Only its two sides see it, with the terms that they wrote to each other."""
    reclaim_seats(child, 5, by)
    for order in (child, parent):
        edit(order, staff, finish_date=factories.days(-1))
    newer = factories.member(factories.organization(level=Level.HUB))
    names = {"name": center.name, "level": center.level, "parent": newer.organization}
    edit_organization(organization=center, **names, by=staff)

    assert not Transfer.objects.visible_to(newer).exists()
    admin.organization.refresh_from_db()
    for who in (admin, hub_admin):
        seen = Transfer.objects.visible_to(who)
        assert len(seen) == 2
        assert all(transfer.shows_terms for transfer in seen)
