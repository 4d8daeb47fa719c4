"""Transfers: one row for each movement between two orders, seen by both sides, changed by none."""

import uuid

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
from licenses.services.requests import approve_order
from tests import factories
from tests.factories import CENTER, CODES
from tests.helpers import last_act
from tests.licenses.test_order_services import edit
from tests.licenses.test_sources import give, source_of

pytestmark = pytest.mark.django_db


def moved():
    """Each transfer as (kind, from, to, number), the oldest first."""
    return [
        (str(each.kind), each.from_order, each.to_order, each.number)
        for each in Transfer.objects.order_by("pk")
    ]


def take_back(order, number, by, **values):
    order = Order.objects.get(pk=order.pk)
    values.setdefault("reason", "Not used")
    return reclaims.take_back(order=order, number=number, by=by, **values)


def fresh(order):
    return Order.objects.get(pk=order.pk)


@pytest.fixture
def by(hub_admin):
    return hub_admin.user


@pytest.fixture
def source(hub):
    return source_of(hub)


@pytest.fixture
def child(source, center, by):
    """40 students of the hub's 100."""
    return give(source, center, by)


# Written wherever places move


@pytest.mark.parametrize(("kind", "number"), [(CENTER, 40), (CODES, 4)])
def test_assigning_from_a_source_is_a_transfer(hub, center, by, kind, number):
    source = source_of(hub, kind)
    child = assign_order(
        assigned_to=center,
        inventory_type=kind,
        products=source.products.all(),
        terms=factories.terms(
            kind,
            **({"students": 40} if kind == CENTER else {"number_of_codes": 4, "users_per_code": 2}),
        ),
        by=by,
        source=source,
        purchase_order="PO-7",
        comments="For the summer",
    )
    assert moved() == [("given", source, child, number)]
    transfer = Transfer.objects.get()
    assert (transfer.made_by, transfer.purchase_order) == (by, "PO-7")
    assert transfer.reason == "For the summer"
    assert transfer.made_at is not None


def test_an_unlimited_child_is_given_without_a_number(hub, center, by):
    source = source_of(hub, students=None)
    child = give(source, center, by, students=None)
    assert moved() == [("given", source, child, None)]
    assert fresh(source).given == 0


def test_assigning_from_nothing_is_none(center):
    factories.order(assigned_to=center)
    assert moved() == []


def test_an_approved_request_is_given_from_its_source(hub, admin, by):
    asked = factories.license_request(membership=admin, students=30)
    source = source_of(hub, product_mix=list(asked.products.all()))
    order = approve_order(order=asked, by=by, terms=factories.terms(students=30), source=source)
    assert moved() == [("given", source, order, 30)]


def test_editing_a_childs_places_gives_or_takes_back_the_difference(source, child, staff):
    edit(child, staff, students=55, reason="More pupils")
    edit(fresh(child), staff, students=50)
    edit(fresh(child), staff, students=50, purchase_order="PO-9")
    assert moved() == [
        ("given", source, child, 40),
        ("given", source, child, 15),
        ("taken back", child, source, 5),
    ]
    assert Transfer.objects.get(number=15).reason == "More pupils"
    assert fresh(source).given == 50


def test_editing_to_unlimited_and_back(hub, center, by, staff):
    source = source_of(hub, students=None)
    child = give(source, center, by)
    edit(child, staff, students=None)
    edit(fresh(child), staff, students=None)
    edit(fresh(child), staff, students=7)
    assert [each[0::3] for each in moved()] == [
        ("given", 40),
        ("taken back", 40),
        ("given", None),
        ("taken back", None),
        ("given", 7),
    ]
    assert differences() == []


def test_nothing_changes_a_transfer_afterwards(child):
    for change in (
        lambda: Transfer.objects.update(number=1),
        lambda: Transfer.objects.all().delete(),
    ):
        with pytest.raises(InternalError, match="append_only"), transaction.atomic():
            change()


# Taking back


def test_unused_places_are_taken_back_into_the_source(source, child, by, center, admin):
    mail.outbox.clear()
    transfer = take_back(child, 15, by, reason="They have too many")
    assert moved()[1:] == [("taken back", child, source, 15)]
    assert (transfer.made_by, transfer.reason) == (by, "They have too many")
    assert (fresh(source).given, fresh(child).students) == (25, 25)
    assert last_act(fresh(child)) == {
        "action": "order.taken back",
        "user": by.pk,
        "reason": "They have too many",
    }
    assert differences() == []


def test_the_holder_is_told_and_not_of_the_suppliers_order(
    source, child, by, admin, django_capture_on_commit_callbacks
):
    Order.objects.filter(pk=source.pk).update(purchase_order="SECRET-PO")
    with django_capture_on_commit_callbacks(execute=True):
        take_back(child, 15, by, reason="They have too many")
    told = [message for message in mail.outbox if "took places back" in message.subject]
    assert [message.to for message in told] == [[admin.user.email]]
    for body in (told[0].body, told[0].alternatives[0][0]):
        assert str(child.number) in body
        assert "They have too many" in body
        assert "15" in body
        assert str(source.number) not in body
        assert "SECRET-PO" not in body


def test_never_those_taken_by_people_or_given_further_down(by, staff):
    reseller = factories.organization(level=Level.RESELLER)
    hub = factories.organization(level=Level.HUB, parent=reseller)
    center = factories.organization(parent=hub)
    source = source_of(reseller)
    child = give(source, hub, staff)
    give(child, center, staff, students=10)
    enroll_student(order=child, user=factories.person(), by=staff)
    with pytest.raises(DomainError, match="Only 29 places are neither taken nor") as refusal:
        take_back(child, 30, staff)
    assert refusal.value.field == "number"
    take_back(child, 29, staff)
    assert fresh(child).free == 0


def test_only_codes_not_yet_created(hub, center, by, admin):
    source = source_of(hub, CODES)
    child = give(source, center, by)
    take_back(child, 1, by)
    create_codes(order=child, by=admin.user)
    with pytest.raises(DomainError, match="Only 0 codes are neither created nor"):
        take_back(child, 1, by)
    assert (fresh(source).codes_given, fresh(child).number_of_codes) == (3, 3)


def test_taking_everything_back_leaves_a_depleted_order(source, child, by):
    take_back(child, 40, by)
    emptied = fresh(child)
    assert emptied.students == 0
    assert emptied.status_on(factories.today()) == OrderStatus.DEPLETED
    with pytest.raises(DomainError, match="no student place left"):
        enroll_student(
            order=emptied, user=factories.person(), by=factories.member(child.assigned_to).user
        )


def test_all_codes_taken_back_leave_a_depleted_order_without_codes(hub, center, by, admin):
    child = give(source_of(hub, CODES), center, by)
    take_back(child, 4, by)
    assert fresh(child).status_on(factories.today()) == OrderStatus.DEPLETED
    with pytest.raises(DomainError, match="given on or taken back"):
        create_codes(order=child, by=admin.user)


def test_an_emptied_order_is_edited_filled_and_never_emptied_by_editing(source, child, by, staff):
    take_back(child, 40, by)
    edit(fresh(child), staff, students=0, purchase_order="PO-3")
    edit(fresh(child), staff, students=5)
    with pytest.raises(DomainError, match="At least 1") as refusal:
        edit(fresh(child), staff, students=0)
    assert refusal.value.field == "students"
    assert fresh(source).given == 5


def test_places_of_a_license_that_has_ended_are_taken_back_too(source, child, by):
    Order.objects.filter(pk=child.pk).update(finish_date=factories.days(-1))
    take_back(child, 40, by)
    assert fresh(source).given == 0


def test_an_unlimited_license_has_nothing_to_take_back(hub, center, by):
    child = give(source_of(hub, students=None), center, by, students=None)
    with pytest.raises(DomainError, match="unlimited"):
        take_back(child, 1, by)


@pytest.mark.parametrize("number", [0, -3])
def test_a_number_is_at_least_one(child, by, number):
    with pytest.raises(DomainError, match="At least 1"):
        take_back(child, number, by)


def test_a_reason_is_needed(child, by):
    with pytest.raises(DomainError) as refusal:
        take_back(child, 1, by, reason=" ")
    assert refusal.value.field == "reason"


def test_only_who_assigned_it_takes_back(child, admin, foreign_admin, teacher, staff):
    for who in (admin, foreign_admin, teacher):
        with pytest.raises(NotAllowed):
            take_back(child, 1, who.user)
    take_back(child, 1, staff)


def test_what_cci_assigned_from_nothing_has_no_source(center, staff):
    with pytest.raises(DomainError, match="not carved"):
        take_back(factories.order(assigned_to=center), 1, staff)


def test_a_form_sent_twice_takes_back_once(child, by):
    token = uuid.uuid4()
    first = take_back(child, 15, by, form_token=token)
    assert take_back(child, 15, by, form_token=token) == first
    assert fresh(child).students == 25


def test_a_form_that_assigned_all_sent_twice_assigns_once(hub, center, by):
    source, token = source_of(hub), uuid.uuid4()
    values = {
        "assigned_to": center,
        "inventory_type": CENTER,
        "products": list(source.products.all()),
        "terms": factories.terms(students=100),
        "source": source,
        "by": by,
        "form_token": token,
    }
    assert assign_order(**values) == assign_order(**values)
    assert len(moved()) == 1


def test_a_form_that_another_person_sent_is_refused(source, child, center, by):
    token, colleague = uuid.uuid4(), factories.staff()
    take_back(child, 15, by, form_token=token)
    with pytest.raises(DomainError, match="^Someone else sent this form already"):
        take_back(child, 5, colleague, form_token=token)
    values = {
        "assigned_to": center,
        "inventory_type": CENTER,
        "products": list(source.products.all()),
        "terms": factories.terms(students=5),
        "source": source,
        "form_token": token,
    }
    assign_order(**values, by=by)
    with pytest.raises(DomainError, match="^Someone else sent this form already"):
        assign_order(**values, by=colleague)


# Who sees them


def test_both_sides_see_a_transfer_and_nobody_else(
    child, admin, hub_admin, foreign_admin, teacher, hub
):
    transfer = Transfer.objects.get()
    for who in (admin, hub_admin):
        assert list(Transfer.objects.visible_to(who)) == [transfer]
    cousin = factories.member(factories.organization(parent=hub))
    for who in (foreign_admin, teacher, cousin, None):
        assert not Transfer.objects.visible_to(who).exists()
    assert not Transfer.objects.manageable_by(hub_admin).exists()


def test_a_child_is_not_shown_the_suppliers_order(source, child, admin, hub_admin):
    for who, shown in ((hub_admin, True), (admin, False)):
        transfer = Transfer.objects.visible_to(who).get()
        assert (transfer.from_shown, transfer.to_shown) == (shown, True)
        assert transfer.shows_terms
        by_number = Transfer.objects.visible_to(who).of_number(source.number)
        assert by_number.exists() is shown
        assert Transfer.objects.visible_to(who).of_number(child.number).exists()


def test_nor_of_what_was_taken_back(source, child, admin, hub_admin, by):
    take_back(child, 5, by)
    for who, shown in ((hub_admin, True), (admin, False)):
        transfer = Transfer.objects.visible_to(who).get(kind="taken back")
        assert (transfer.from_shown, transfer.to_shown) == (True, shown)
        assert transfer.shows_terms


def test_a_new_supplier_sees_no_transfer_of_an_earlier_one(
    source, child, center, admin, hub_admin, staff, by
):
    """Only the two that it was between see it, with the terms that they wrote to each other."""
    take_back(child, 5, by)
    for order in (child, source):
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
