"""Simultaneous acts on the same rows wait for each other, and never deadlock."""

from functools import partial

import pytest

from activation_codes.services.codes import save_settings
from activation_codes.services.redemptions import redeem_code
from jasper_inventory.accounts.models import Invitation, Level, Membership, Role
from jasper_inventory.accounts.services.invitations import accept_invitation, invite
from jasper_inventory.people.erasure import erase_person
from jasper_inventory.support.integrity import differences, repair
from jasper_inventory.support.organization_moves import edit_organization
from licenses.models import Enrollment, Order
from licenses.models.code_settings import CODE_SETTINGS
from licenses.services.enrollments import (
    enroll_student,
    enroll_teacher,
    remove_enrollment,
    restore_enrollment,
)
from licenses.services.joins import join_by_group_key, join_by_teacher_code
from licenses.services.suspensions import suspend_order
from tests import factories
from tests.factories import CENTER, CODES
from tests.helpers import at_once, change, refusals
from tests.renewals.acts import approve

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def by():
    return factories.staff()


@pytest.fixture
def hub(by):
    return factories.organization("Harbour Hub", level=Level.HUB)


@pytest.fixture
def center(hub):
    return factories.organization("Tolano Adventures", parent=hub)


def allocated_child(center, kind, by):
    """An order of the center's hub, and the center's order allocated from it."""
    mix = factories.products()
    parent = factories.order(kind, assigned_to=center.supplier, product_mix=mix, by=by)
    size = {"number_of_codes": 2} if kind == CODES else {"students": 20}
    factories.order(kind, assigned_to=center, parent=parent, product_mix=mix, by=by, **size)
    return parent


def moving(center, by):
    to = factories.organization("North Hub", level=Level.HUB)
    return lambda: edit_organization(
        organization=center, name=center.name, level=center.level, parent=to, by=by
    )


def enrolling_teacher(parent, by, person=None):
    return lambda: enroll_teacher(order=parent, user=person or factories.person(), by=by)


def enrolling_student(parent, by, person=None):
    return lambda: enroll_student(order=parent, user=person or factories.person(), by=by)


def typing_the_teacher_code(parent, by, person=None):
    typed, user = str(parent.teacher_code), person or factories.person()
    return lambda: join_by_teacher_code(typed=typed, by=user)


def typing_a_group_key(parent, by, person=None):
    teacher = enroll_teacher(order=parent, user=factories.person(), by=by).enrollment
    typed, user = str(teacher.group_key), person or factories.person()
    return lambda: join_by_group_key(typed=typed, by=user)


def restoring(parent, by, person=None):
    person = person or factories.person()
    student = enroll_student(order=parent, user=person, by=by).enrollment
    remove_enrollment(enrollment=student, by=by)
    # It is restored with the seat.
    Membership.objects.filter(user=student.user).delete()
    return lambda: restore_enrollment(enrollment=student, by=by)


def redeeming(parent, by, person=None):
    code, user = factories.codes(parent, by=by)[0], person or factories.person()
    return lambda: redeem_code(code=code, user=user)


@pytest.mark.parametrize(
    "kind, joining",
    [
        (CENTER, enrolling_teacher),
        (CENTER, enrolling_student),
        (CENTER, typing_the_teacher_code),
        (CENTER, typing_a_group_key),
        (CENTER, restoring),
        (CODES, redeeming),
    ],
)
@pytest.mark.parametrize("first", ["join", "move"])
def test_somebody_joins_a_parent_order_while_a_holder_of_its_seats_moves(
    center, by, kind, joining, first
):
    parent = allocated_child(center, kind, by)
    acts = [joining(parent, by), moving(center, by)]
    roles = Membership.objects.count()
    results = at_once(*(acts if first == "join" else acts[::-1]), hold=parent)
    # An order allocated from it hasn't ended.
    [refusal] = refusals(results)
    assert "was allocated from an order" in str(refusal)
    assert Membership.objects.count() == roles + 1
    assert differences() == []


def erasing(person, by):
    return lambda: erase_person(user=person, by=by)


def test_an_administrator_is_erased_while_inviting(center, by):
    factories.member(center)
    leaving = factories.member(center).user
    inviting = partial(
        invite,
        organization=center,
        role=Role.TEACHER,
        email="rosa@example.com",
        by=leaving,
    )
    results = at_once(inviting, erasing(leaving, by), hold=center)
    assert not refusals(results)
    assert not Invitation.objects.open().exists()


def test_somebody_is_erased_while_accepting_an_invitation(center, by):
    inviter, person = factories.member(center).user, factories.person()
    invitation = invite(organization=center, role=Role.TEACHER, email=person.email, by=inviter)
    accepting = partial(accept_invitation, invitation=invitation, by=person)
    results = at_once(accepting, erasing(person, by), hold=invitation)
    assert not refusals(results)
    assert not Membership.objects.filter(user=person).exists()


@pytest.mark.parametrize(
    "kind, joining",
    [
        (CENTER, enrolling_student),
        (CENTER, typing_the_teacher_code),
        (CENTER, typing_a_group_key),
        (CENTER, restoring),
        (CODES, redeeming),
    ],
)
@pytest.mark.parametrize("first", ["join", "erase"])
def test_somebody_is_erased_while_joining(center, by, kind, joining, first):
    person = factories.person()
    joins = joining(factories.order(kind, assigned_to=center, by=by), by, person)
    enrolled = Enrollment.objects.current().filter(user=person).count()
    acts = [joins, erasing(person, by)]
    results = at_once(*(acts if first == "join" else acts[::-1]), hold=person)
    if first == "join":
        assert not refusals(results)
        enrolled += 1
    else:
        assert [str(refusal) for refusal in refusals(results)] == [
            "This person's account was erased."
        ]
    assert Enrollment.objects.current().filter(user=person).count() == enrolled
    assert not Membership.objects.filter(user=person).exists()
    assert differences() == []


def test_two_who_invited_each_other_are_erased(center, by):
    factories.member(center)
    pair = [factories.member(center).user for _ in range(2)]
    invitations = [
        invite(organization=center, role=Role.TEACHER, email=to.email, by=inviter)
        for inviter, to in (pair, pair[::-1])
    ]
    results = at_once(*(erasing(person, by) for person in pair), hold=invitations[0])
    assert results == [True, True]


def saving(order, by, *, on):
    return lambda: save_settings(order=order, boxes=dict.fromkeys(CODE_SETTINGS, on), by=by)


@pytest.mark.parametrize("first", ["parent", "child"])
def test_a_parent_order_and_what_was_allocated_from_it_get_their_settings(center, by, first):
    parent = allocated_child(center, CODES, by)
    child = parent.children.get()
    acts = [saving(parent, by, on=True), saving(child, by, on=False)]
    at_once(*(acts if first == "parent" else acts[::-1]), hold=child)
    assert Order.objects.get(pk=parent.pk).teacher_required
    assert not Order.objects.get(pk=child.pk).teacher_required


def test_counters_are_repaired_while_somebody_joins(center, by):
    order = factories.order(assigned_to=center, by=by)
    change(order, enrolled=5)
    at_once(enrolling_student(order, by), lambda: repair(by=by), hold=order)
    assert differences() == []


@pytest.mark.parametrize("first", ["join", "suspend"])
def test_a_parent_order_is_suspended_while_somebody_types_the_code_of_its_child(by, first):
    """The renewal is allocated from an order further up than the renewed one."""
    top_holder = factories.organization("Lake Distributor", level=Level.DISTRIBUTOR)
    hub = factories.organization("Lake Hub", level=Level.HUB, parent=top_holder)
    center = factories.organization("Lake School", parent=hub)
    mix = factories.products()
    far = factories.days(1000)
    top = factories.order(assigned_to=top_holder, product_mix=mix, finish_date=far, by=by)
    size = {"product_mix": mix, "students": 20, "by": by}
    middle = factories.order(assigned_to=hub, parent=top, **size)
    old = factories.order(assigned_to=center, parent=middle, **size)
    new = approve(factories.renewal_request(old, code_choice="existing"), by)
    change(new, parent=top)
    acts = [
        typing_the_teacher_code(old, by),
        lambda: suspend_order(order=top, by=by, reason="Unpaid"),
    ]
    results = at_once(*(acts if first == "join" else acts[::-1]), hold=new)
    assert len(refusals(results)) == (first == "suspend")
    below = Order.objects.filter(pk__in=[middle.pk, old.pk, new.pk])
    assert set(below.values_list("suspended_ancestors", flat=True)) == {1}
