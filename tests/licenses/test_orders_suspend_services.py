"""Suspending and resuming orders, and all orders allocated from them."""

import pytest

from jasper_inventory.accounts.models import Level
from jasper_inventory.lib.exceptions import DomainError, NotAllowed
from licenses.services.reclaims import reclaim_seats
from licenses.services.suspensions import resume_order, suspend_order
from tests import factories
from tests.helpers import change, last_act

pytestmark = pytest.mark.django_db


@pytest.fixture
def chain(staff):
    """A distributor's order, a hub's allocated from it, and a center's allocated from that."""
    distributor = factories.organization(level=Level.DISTRIBUTOR)
    hub = factories.organization(level=Level.HUB, parent=distributor)
    center = factories.organization(parent=hub)
    mix = factories.products()
    top = factories.order(assigned_to=distributor, product_mix=mix, by=staff)
    middle = factories.order(assigned_to=hub, parent=top, product_mix=mix, students=50, by=staff)
    low = factories.order(assigned_to=center, parent=middle, product_mix=mix, students=20, by=staff)
    return top, middle, low


def statuses(orders):
    return [order.status_on(factories.today()).value for order in orders]


def test_cci_suspends_and_resumes(staff):
    order = factories.order()
    suspend_order(order=order, by=staff, reason=" Not  paid ")
    order.refresh_from_db()
    assert order.is_suspended
    assert (order.suspended_by, order.suspension_reason) == (staff, "Not paid")
    assert last_act(order) == {
        "action": "order.suspended",
        "user": staff.pk,
        "reason": "Not paid",
    }
    resume_order(order=order, by=staff)
    order.refresh_from_db()
    assert not order.is_suspended
    assert (order.suspended_by, order.suspension_reason) == (None, "")
    assert last_act(order) == {"action": "order.resumed", "user": staff.pk}


def test_suspensions_stack_and_lift_one_by_one(staff, chain):
    top, middle, low = chain
    suspend_order(order=middle, by=staff, reason="Unpaid")
    assert statuses(chain) == ["available", "suspended", "suspended"]
    suspend_order(order=top, by=staff, reason="Unpaid")
    suspend_order(order=low, by=staff, reason="Unpaid")
    assert statuses(chain) == ["suspended", "suspended", "suspended"]
    low.refresh_from_db()
    assert low.suspended_ancestors == 2
    resume_order(order=top, by=staff)
    assert statuses(chain) == ["available", "suspended", "suspended"]
    resume_order(order=middle, by=staff)
    assert statuses(chain) == ["available", "available", "suspended"]
    resume_order(order=low, by=staff)
    assert statuses(chain) == ["available", "available", "available"]


def test_suspending_does_not_reach_sisters_and_parents(staff, chain):
    top, middle, low = chain
    mix = list(top.products.all())
    sister = factories.order(
        assigned_to=factories.organization(parent=top.assigned_to),
        parent=top,
        product_mix=mix,
        students=5,
        by=staff,
    )
    suspend_order(order=middle, by=staff, reason="Unpaid")
    assert statuses([top, sister]) == ["available", "available"]


def test_the_assigner_suspends_an_order(chain):
    top, middle, low = chain
    distributor_admin = factories.member(top.assigned_to).user
    hub_admin = factories.member(middle.assigned_to).user
    center_admin = factories.member(low.assigned_to).user
    suspend_order(order=middle, by=distributor_admin, reason="Unpaid")
    resume_order(order=middle, by=distributor_admin)
    suspend_order(order=low, by=hub_admin, reason="Unpaid")
    resume_order(order=low, by=hub_admin)
    for by, order in [
        (distributor_admin, top),
        (distributor_admin, low),
        (hub_admin, middle),
        (center_admin, low),
    ]:
        with pytest.raises(NotAllowed):
            suspend_order(order=order, by=by, reason="Unpaid")
        with pytest.raises(NotAllowed):
            resume_order(order=order, by=by)


def test_an_order_is_suspended_and_resumed_once(staff):
    order = factories.order()
    with pytest.raises(DomainError, match="isn't suspended"):
        resume_order(order=order, by=staff)
    suspend_order(order=order, by=staff, reason="Unpaid")
    with pytest.raises(DomainError, match="already suspended"):
        suspend_order(order=order, by=staff, reason="Unpaid")


@pytest.mark.parametrize("reason", ["", "  "])
def test_suspending_needs_a_reason(staff, reason):
    with pytest.raises(DomainError, match="Enter the reason") as refusal:
        suspend_order(order=factories.order(), by=staff, reason=reason)
    assert refusal.value.field == "reason"


def test_a_request_is_not_suspended(staff):
    with pytest.raises(DomainError, match="Only an approved order"):
        suspend_order(order=factories.license_request(), by=staff, reason="Unpaid")


def test_a_supplier_cannot_lift_a_suspension_by_cci(hub, hub_admin, center, staff):
    parent = factories.order(assigned_to=hub)
    order = factories.order(
        assigned_to=center, parent=parent, product_mix=list(parent.products.all()), students=5
    )
    suspend_order(order=order, by=staff, reason="Abuse")

    with pytest.raises(NotAllowed, match="Only the organization that suspended"):
        resume_order(order=order, by=hub_admin.user)

    resume_order(order=order, by=staff)
    assert order.status_on(factories.today()) == "available"


def test_a_suspension_keeps_its_organization_when_the_person_leaves(chain, staff):
    top, middle, _low = chain
    colleague = factories.member(top.assigned_to).user
    suspend_order(order=middle, by=staff, reason="Abuse")
    staff.is_staff = False
    staff.save()
    with pytest.raises(NotAllowed, match="Only the organization that suspended"):
        resume_order(order=middle, by=colleague)

    other = factories.staff()
    resume_order(order=middle, by=other)
    suspend_order(order=middle, by=colleague, reason="Unpaid")
    colleague.is_staff = True
    colleague.save()
    resume_order(order=middle, by=factories.member(top.assigned_to).user)


def test_all_holders_of_stopped_licenses_are_notified_with_organization_and_reason(
    chain, mailoutbox, staff
):
    top, middle, low = chain
    admins = [factories.member(order.assigned_to).user for order in chain]
    suspend_order(order=top, by=staff, reason="Unpaid")
    assert {address for email in mailoutbox for address in email.to} == {
        person.email for person in admins
    }
    for email in mailoutbox:
        assert "Unpaid" in email.body and "CCI Learning suspended" in email.body

    # Orders that are stopped for another reason, or have ended, aren't named.
    mailoutbox.clear()
    suspend_order(order=middle, by=admins[0], reason="Unpaid")
    assert [email.to for email in mailoutbox] == [[admins[1].email]]
    mailoutbox.clear()
    resume_order(order=top, by=staff)
    assert [email.to for email in mailoutbox] == [[admins[0].email]]
    mailoutbox.clear()
    change(low, finish_date=factories.days(-1))
    resume_order(order=middle, by=admins[0])
    assert [email.to for email in mailoutbox] == [[admins[1].email]]
    assert f"{top.assigned_to} lifted its suspension" in mailoutbox[0].body


def test_the_assigner_of_an_order_is_notified_of_acts_by_cci(chain, mailoutbox, staff):
    _top, middle, low = chain
    hub_admin, center_admin = (factories.member(each.assigned_to).user for each in (middle, low))
    both = {hub_admin.email, center_admin.email}
    for act in (
        lambda: suspend_order(order=low, by=staff, reason="Abuse"),
        lambda: resume_order(order=low, by=staff),
        lambda: reclaim_seats(order=low, number=1, reason="Mistake", by=staff),
    ):
        mailoutbox.clear()
        act()
        assert {address for email in mailoutbox for address in email.to} == both
