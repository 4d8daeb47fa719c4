"""Editing by the assigner of an order: its fields, their limits, and the notices."""

import pytest
from django.core import mail

from jasper_inventory.accounts.models import Level
from jasper_inventory.lib.exceptions import ChangedMeanwhile, DomainError, NotAllowed
from licenses.models import Transfer
from licenses.services.enrollments import enroll_student
from licenses.services.order_edits import edit_order
from licenses.services.suspensions import suspend_order
from tests import factories
from tests.factories import CODES
from tests.helpers import at_once, last_act, refusals

pytestmark = pytest.mark.django_db


@pytest.fixture
def child(parent, center, hub_admin):
    return allocated(parent, center, hub_admin)


def allocated(parent, center, hub_admin, **values):
    values.setdefault("product_mix", list(parent.products.all()))
    values.setdefault("start_date", factories.days(0))
    values.setdefault("finish_date", factories.days(50))
    kind = parent.inventory_type
    if kind != CODES:
        values.setdefault("students", 10)
    return factories.order(kind, assigned_to=center, parent=parent, by=hub_admin.user, **values)


def edit(order, by, **values):
    return edit_order(order=order, by=getattr(by, "user", by), **values)


def test_the_assigner_changes_its_fields(parent, child, hub_admin):
    one = parent.products.first()

    edit(
        child,
        hub_admin,
        start_date=factories.days(1),
        finish_date=factories.days(60),
        students=25,
        purchase_order=" PO 9 ",
        approval_comments="Longer now",
        products=[one],
        reason="They asked",
    )

    child.refresh_from_db()
    parent.refresh_from_db()
    assert (child.start_date, child.finish_date) == (factories.days(1), factories.days(60))
    assert (child.students, parent.allocated) == (25, 25)
    assert (child.purchase_order, child.approval_comments) == ("PO 9", "Longer now")
    assert list(child.products.all()) == [one]
    assert last_act(child) == {
        "action": "order.edited",
        "user": hub_admin.user.pk,
        "reason": "They asked",
    }
    moved = Transfer.objects.of_order(child).latest("pk")
    assert (moved.number, moved.purchase_order, moved.reason) == (15, "PO 9", "They asked")


def test_of_codes_number_and_duration(hub, center, hub_admin):
    parent = factories.order(CODES, assigned_to=hub, number_of_codes=20, duration=60)
    child = allocated(parent, center, hub_admin, number_of_codes=5)

    edit(child, hub_admin, number_of_codes=8, duration=60)

    child.refresh_from_db()
    parent.refresh_from_db()
    assert (child.number_of_codes, child.duration, parent.codes_allocated) == (8, 60, 8)


@pytest.mark.parametrize(
    "forged", [{"is_active": False}, {"teacher_code": "U7DA7-NIFE-3017"}, {"users_per_code": 2}]
)
def test_the_rest_is_not_the_assigners(child, hub_admin, forged):
    with pytest.raises(NotAllowed):
        edit(child, hub_admin, students=12, **forged)
    child.refresh_from_db()
    assert child.students == 10


def test_only_the_assigners_administrators_and_cci(child, center, hub, admin, foreign_admin, staff):
    sibling = factories.member(factories.organization(parent=hub))
    parent = factories.member(factories.organization(level=Level.DISTRIBUTOR))
    for by in (admin, foreign_admin, sibling, parent):
        with pytest.raises(NotAllowed):
            edit(child, by, students=11)
    assert edit(child, staff, students=11).students == 11


@pytest.mark.parametrize(
    ("values", "field", "message"),
    [
        ({"students": 101}, "students", "has only 90 left"),
        ({"students": None}, "students", "this license can't be unlimited"),
        ({"start_date": factories.days(-11)}, "start_date", "runs from"),
        ({"finish_date": factories.days(101)}, "finish_date", "runs from"),
    ],
)
def test_refused_outside_the_parent_order_which_is_named(
    parent, child, hub_admin, values, field, message
):
    with pytest.raises(DomainError, match=message) as refusal:
        edit(child, hub_admin, **values)
    assert (refusal.value.field, refusal.value.about) == (field, parent)
    assert str(parent.number) not in str(refusal.value)
    assert refusal.value.named.endswith(f"(order {parent.number})")


def test_products_stay_among_those_of_the_parent_order(parent, child, hub_admin):
    with pytest.raises(DomainError, match="Not all of these products") as refusal:
        edit(child, hub_admin, products=factories.products())
    assert (refusal.value.field, refusal.value.about) == ("products", parent)
    with pytest.raises(DomainError, match="at least one product"):
        edit(child, hub_admin, products=[])


@pytest.fixture
def grandchild(child, hub, center, admin):
    """For a hub between: the message names the center's order, allocated from it."""
    distributor = factories.organization("Cascade", level=Level.DISTRIBUTOR)
    below = factories.organization("Below", level=Level.HUB, parent=distributor)
    last = factories.organization("Last", parent=below)
    top, middle = factories.member(distributor), factories.member(below)
    first = factories.order(assigned_to=distributor, students=100)
    second = allocated(first, below, top, students=50)
    third = allocated(second, last, middle, students=20)
    return top, second, third


@pytest.mark.parametrize(
    ("values", "field", "message"),
    [
        ({"students": 19}, "students", r"fewer than the seats in use \(0\) and allocated \(20\)"),
        ({"start_date": factories.days(1)}, "start_date", "starts on"),
        ({"finish_date": factories.days(49)}, "finish_date", "finishes on"),
    ],
)
def test_refused_if_a_child_would_exceed_it_which_is_named(grandchild, values, field, message):
    top, order, child = grandchild
    with pytest.raises(DomainError, match=message) as refusal:
        edit(order, top, **values)
    assert (refusal.value.field, refusal.value.about) == (field, child)


def test_a_product_that_a_child_holds_stays(grandchild):
    top, order, child = grandchild
    with pytest.raises(DomainError, match="has a product") as refusal:
        edit(order, top, products=[order.products.first()])
    assert refusal.value.about == child


def test_seats_that_people_took_stay(child, hub_admin, staff):
    for _ in range(3):
        enroll_student(order=child, user=factories.person(), by=staff)
    with pytest.raises(DomainError, match=r"in use \(3\) and allocated \(0\)") as refusal:
        edit(child, hub_admin, students=2)
    assert (refusal.value.field, refusal.value.about) == ("students", None)


def test_nothing_more_is_allocated_from_a_parent_order_that_is_not_in_force(
    parent, child, hub_admin, staff
):
    suspend_order(order=parent, by=staff, reason="Unpaid")
    with pytest.raises(DomainError, match="isn't in force") as refusal:
        edit(child, hub_admin, students=11)
    assert (refusal.value.field, refusal.value.about) == ("students", parent)
    assert edit(child, hub_admin, students=9).students == 9


def test_changes_someone_else_made_meanwhile_are_not_undone(child, hub_admin, staff):
    edit(child, staff, students=20)

    with pytest.raises(ChangedMeanwhile, match="changed this to 20") as refusal:
        edit(child, hub_admin, students=15, shown={"students": 10})
    assert (refusal.value.field, refusal.value.now) == ("students", 20)
    # The other field and an identical change don't conflict.
    edit(child, hub_admin, purchase_order="P", shown={"purchase_order": ""})
    edit(child, hub_admin, students=20, shown={"students": 10})
    child.refresh_from_db()
    assert (child.students, child.purchase_order) == (20, "P")


def test_the_holder_is_notified_of_the_changes_without_secrets(
    parent, child, admin, hub_admin, django_capture_on_commit_callbacks
):
    dropped = parent.products.last()
    mail.outbox.clear()
    with django_capture_on_commit_callbacks(execute=True):
        edit(
            child,
            hub_admin,
            students=12,
            finish_date=factories.days(40),
            products=[parent.products.first()],
            reason="Fewer weeks",
        )

    (message,) = mail.outbox
    assert message.to == [admin.user.email]
    assert f"Harbour Hub changed order {child.number}" == message.subject
    for text in (message.body, message.alternatives[0][0]):
        assert "Fewer weeks" in text and str(hub_admin.user) in text
        assert str(parent.number) not in text and "SECRET" not in text
    assert "\nStudents: 10 → 12\n" in message.body
    assert f"\nFinish Date: {factories.days(50)} → {factories.days(40)}\n" in message.body
    assert f"\nProducts removed: {dropped}\n" in message.body


def test_when_cci_edits_holder_and_assigner_are_notified(
    child, admin, hub_admin, staff, django_capture_on_commit_callbacks
):
    mail.outbox.clear()
    with django_capture_on_commit_callbacks(execute=True):
        edit(child, staff, teacher_code="U7DA7-NIFE-3017", is_active=False)

    assert {to for message in mail.outbox for to in message.to} == {
        admin.user.email,
        hub_admin.user.email,
    }
    assert "of CCI Learning changed Tolano Adventures' order" in mail.outbox[0].body
    assert "\nTeacher Code: " in mail.outbox[0].body
    assert "\nActive License: Yes → No\n" in mail.outbox[0].body


def test_nothing_changed_is_no_act_and_no_email(
    child, hub_admin, django_capture_on_commit_callbacks
):
    before = child.events.count()
    mail.outbox.clear()
    with django_capture_on_commit_callbacks(execute=True):
        edit(child, hub_admin, students=10, purchase_order=child.purchase_order)
    assert child.events.count() == before
    assert not mail.outbox


@pytest.mark.django_db(transaction=True)
def test_edit_and_assign_at_once_never_allocate_more_than_available(
    parent, child, center, hub_admin
):
    mix = list(parent.products.all())

    results = at_once(
        lambda: edit(child, hub_admin, students=70),
        lambda: allocated(parent, center, hub_admin, students=60, product_mix=mix),
        hold=parent,
    )

    (refusal,) = refusals(results)
    assert "has only 30 left; this needs 60" in str(refusal)
    parent.refresh_from_db()
    child.refresh_from_db()
    assert (parent.allocated, child.students) == (70, 70)


@pytest.mark.django_db(transaction=True)
def test_two_edits_at_once_of_the_same_field_are_distinguished(child, hub_admin):
    shown = {"students": 10}
    results = at_once(
        lambda: edit(child, hub_admin, students=20, shown=shown),
        lambda: edit(child, hub_admin, students=30, shown=shown),
        hold=child,
    )

    (refusal,) = refusals(results)
    assert "changed this to 20" in str(refusal)
    child.refresh_from_db()
    assert child.students == 20
