"""Two simultaneous acts: real threads, real transactions, exactly one winner."""

import pytest

from jasper_inventory.accounts.models import Level
from jasper_inventory.lib.exceptions import DomainError
from licenses.models import Order, Outcome
from licenses.services.enrollments import enroll_student, enroll_teacher, remove_enrollment
from licenses.services.orders import assign_order
from licenses.services.requests import (
    approve_request,
    reject_request,
    withdraw_request,
)
from licenses.services.suspensions import resume_order, suspend_order
from tests import factories
from tests.factories import CENTER
from tests.helpers import at_once, refusals
from tests.licenses.acts import allocating, edit, enrolling

pytestmark = pytest.mark.django_db(transaction=True)


def approving(order, by, **values):
    order = Order.objects.get(pk=order.pk)
    values.setdefault("terms", factories.terms(order.inventory_type))
    return lambda: approve_request(request=order, by=by, **values)


def rejecting(order, by):
    order = Order.objects.get(pk=order.pk)
    return lambda: reject_request(request=order, by=by, comments="No")


def withdrawing(order):
    order = Order.objects.get(pk=order.pk)
    return lambda: withdraw_request(request=order, by=order.requested_by)


@pytest.fixture
def family():
    """An order of a hub, and one of its center that was allocated from it."""
    by = factories.staff()
    hub = factories.organization(level=Level.HUB)
    center = factories.organization(parent=hub)
    mix = factories.products()
    parent = factories.order(assigned_to=hub, product_mix=mix, by=by)
    child = factories.order(assigned_to=center, parent=parent, product_mix=mix, students=20, by=by)
    return parent, child, by


def test_two_staff_approve_a_request():
    order = factories.license_request()
    first, second = factories.staff(), factories.staff()
    results = at_once(approving(order, first), approving(order, second), hold=order)
    [refusal] = refusals(results)
    assert str(refusal) == f"This request is no longer pending: it was approved by {first}."
    order.refresh_from_db()
    assert order.reviewed_by == first


@pytest.mark.parametrize("first", [0, 1, 2])
def test_approve_reject_and_withdraw_meet(first):
    order, by = factories.license_request(), factories.staff()
    acts = [approving(order, by), rejecting(order, by), withdrawing(order)]
    acts = acts[first:] + acts[:first]
    results = at_once(*acts, hold=order)
    assert len(refusals(results)) == 2
    order.refresh_from_db()
    outcomes = [Outcome.APPROVED, Outcome.REJECTED, Outcome.WITHDRAWN]
    assert order.outcome == outcomes[first]


def test_the_last_seat_is_taken_once():
    order, by = factories.order(students=1), factories.staff()
    results = at_once(*(enrolling(order, by) for _ in range(4)), hold=order)
    assert [str(refusal) for refusal in refusals(results)] == [
        f"Order {order} has no seats left."
    ] * 3
    order.refresh_from_db()
    assert order.enrolled == order.enrollments.count() == 1


def test_one_person_joins_twice_at_once():
    order, by, user = factories.order(), factories.staff(), factories.person()
    results = at_once(enrolling(order, by, user), enrolling(order, by, user), hold=order)
    [refusal] = refusals(results)
    assert "already" in str(refusal)
    order.refresh_from_db()
    assert order.enrolled == 1


def test_one_person_is_removed_twice_at_once():
    order, by = factories.order(), factories.staff()
    enrolling(order, by)()
    enrollment = enrolling(order, by)().enrollment
    results = at_once(*[lambda: remove_enrollment(enrollment=enrollment, by=by)] * 2, hold=order)
    assert len(refusals(results)) == 1
    order.refresh_from_db()
    assert order.enrolled == 1


def test_the_last_seats_of_a_parent_order_are_allocated_once(family):
    parent, child, by = family
    to = child.assigned_to
    results = at_once(
        allocating(parent, to, by, students=50),
        allocating(parent, to, by, students=50),
        hold=parent,
    )
    [refusal] = refusals(results)
    assert str(refusal) == "The parent order has only 30 left; this needs 50."
    parent.refresh_from_db()
    assert (parent.allocated, parent.children.count()) == (70, 2)


def test_a_student_and_a_child_order_want_the_last_seat(family):
    parent, child, by = family
    edit(parent, by, students=21)
    results = at_once(
        allocating(parent, child.assigned_to, by, students=1), enrolling(parent, by), hold=parent
    )
    assert len(refusals(results)) == 1
    parent.refresh_from_db()
    assert parent.seats_taken == 21


def test_a_parent_order_shrinks_while_seats_are_allocated(family):
    parent, child, by = family
    stale = Order.objects.get(pk=parent.pk)
    results = at_once(
        allocating(parent, child.assigned_to, by, students=80),
        lambda: edit(stale, by, students=50),
        hold=parent,
    )
    assert len(refusals(results)) == 1
    parent.refresh_from_db()
    assert (parent.students, parent.allocated) == (100, 100)


def test_a_child_allocated_while_the_order_above_its_parent_is_suspended_is_suspended_too():
    by = factories.staff()
    distributor = factories.organization(level=Level.DISTRIBUTOR)
    hub = factories.organization(level=Level.HUB, parent=distributor)
    center = factories.organization(parent=hub)
    mix = factories.products()
    top = factories.order(assigned_to=distributor, product_mix=mix, by=by)
    middle = factories.order(assigned_to=hub, parent=top, product_mix=mix, students=50, by=by)
    [child, _none] = at_once(
        allocating(middle, center, by, students=5),
        lambda: suspend_order(order=top, by=by, reason="Unpaid"),
        hold=middle,
    )
    child.refresh_from_db()
    assert child.suspended_ancestors == 1
    resume_order(order=top, by=by)
    child.refresh_from_db()
    assert child.suspended_ancestors == 0


def test_nothing_is_allocated_from_an_order_that_is_suspended_meanwhile(family):
    parent, child, by = family
    results = at_once(
        lambda: suspend_order(order=parent, by=by, reason="Unpaid"),
        allocating(parent, child.assigned_to, by, students=5),
        hold=parent,
    )
    [refusal] = refusals(results)
    assert str(refusal) == "The parent order isn't in force."
    assert parent.children.count() == 1


def test_parent_order_and_child_are_suspended_at_once(family):
    parent, child, by = family
    results = at_once(
        *(
            lambda order=order: suspend_order(order=order, by=by, reason="Unpaid")
            for order in (parent, child)
        ),
        hold=child,
    )
    assert not refusals(results)
    child.refresh_from_db()
    assert (child.suspended_ancestors, child.suspended_by) == (1, by)


def test_a_child_is_edited_while_its_parent_order_is_suspended(family):
    parent, child, by = family
    stale = Order.objects.get(pk=child.pk)
    results = at_once(
        lambda: edit(stale, by, students=30),
        lambda: suspend_order(order=parent, by=by, reason="Unpaid"),
        hold=child,
    )
    assert not refusals(results)
    parent.refresh_from_db()
    child.refresh_from_db()
    assert (parent.allocated, child.students, child.suspended_ancestors) == (30, 30, 1)


def test_a_teacher_is_removed_while_a_student_is_linked():
    order, by = factories.order(), factories.staff()
    teacher = enroll_teacher(order=order, user=factories.person(), by=by).enrollment
    user = factories.person()
    joined, _none = at_once(
        lambda: enroll_student(order=order, user=user, by=by, teacher=teacher),
        lambda: remove_enrollment(enrollment=teacher, by=by),
        hold=order,
    )
    joined.enrollment.refresh_from_db()
    assert joined.enrollment.teacher is None


def test_a_teacher_code_is_typed_twice_at_once():
    by, mix = factories.staff(), factories.products()
    holders = [factories.organization() for _ in range(2)]
    results = at_once(
        *(
            lambda to=to: assign_order(
                assigned_to=to,
                inventory_type=CENTER,
                products=mix,
                terms=factories.terms(),
                by=by,
                teacher_code="U7DA7-NIFE-3017",
            )
            for to in holders
        )
    )
    [refusal] = refusals(results)
    assert isinstance(refusal, DomainError) and "is already in use" in str(refusal)
