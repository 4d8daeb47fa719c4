"""The History tab of Edit Order: only texts that both sides may read."""

import pytest
from django.utils.module_loading import import_string

from jasper_inventory.lib.exceptions import DomainError
from licenses import activity
from licenses.models import ActivityKind
from licenses.services.enrollments import enroll_student, pause_joining, unpause_joining
from licenses.services.join_codes import replace_teacher_code
from licenses.services.order_edits import edit_order, set_active
from licenses.services.reclaims import reclaim_seats
from licenses.services.requests import (
    approve_request,
    offered_terms,
    reject_request,
    withdraw_request,
)
from licenses.services.suspensions import resume_order, suspend_order
from tests import factories
from tests.pages import parsed, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def child(parent, center, hub_admin):
    return factories.order(
        assigned_to=center,
        parent=parent,
        by=hub_admin.user,
        product_mix=list(parent.products.all()),
        students=10,
    )


def acts(site, order):
    """The tab's acts, as its reader sees them."""
    page = parsed(site.get(f"/inventory/{order.number}/edit/"))
    return [text(act) for act in page.cssselect(".acts > li")]


def whats(site, order):
    page = parsed(site.get(f"/inventory/{order.number}/edit/"))
    return [text(what) for what in page.cssselect(".acts strong")]


def test_a_request_from_its_beginning(sign_in, admin, staff, hub_admin):
    order = factories.license_request(membership=admin)
    approve_request(request=order, by=staff, terms=factories.terms())
    set_active(order=order, is_active=False, by=admin.user, reason="Summer")
    set_active(order=order, is_active=True, by=admin.user)

    for reader in (admin, hub_admin):
        shown = acts(sign_in(reader), order)
        assert [act.split(" 20")[0] for act in shown] == [
            "Activated",
            "Deactivated",
            "Request approved",
            "Requested",
        ]
        assert shown[1].endswith(f"{admin.user}, Tolano Adventures Summer")
        assert shown[2].endswith(f"{staff}, CCI Learning")
        assert shown[3].endswith(f"{admin.user}, Tolano Adventures")


def test_rejected_and_withdrawn(sign_in, admin, staff):
    rejected = factories.license_request(membership=admin)
    reject_request(request=rejected, by=staff, comments="No budget")
    withdrawn = factories.license_request(membership=admin)
    withdraw_request(request=withdrawn, by=admin.user)

    site = sign_in(admin)
    assert acts(site, rejected)[0].endswith("CCI Learning No budget")
    assert whats(site, withdrawn) == ["Request withdrawn", "Requested"]


# Each act has its own transaction, and so its own time.
@pytest.mark.django_db(transaction=True)
def test_acts_of_the_supplier(sign_in, child, parent, admin, hub_admin):
    dropped = parent.products.last()
    edit_order(
        order=child,
        by=hub_admin.user,
        students=12,
        products=[parent.products.first()],
        reason="A call",
    )
    edit_order(order=child, by=hub_admin.user, products=list(parent.products.all()))
    reclaim_seats(order=child, number=2, by=hub_admin.user, reason="Unused")
    suspend_order(order=child, by=hub_admin.user, reason="Unpaid")
    resume_order(order=child, by=hub_admin.user)

    for reader in (admin, hub_admin):
        shown = acts(sign_in(reader), child)
        assert [act.split(" 20")[0] for act in shown] == [
            *("Resumed", "Suspended", "Seats reclaimed", "Edited", "Edited", "Assigned"),
        ]
        assert all(f"{hub_admin.user}, Harbour Hub" in act for act in shown)
        assert "Unpaid" in shown[1]
        assert shown[2].endswith("Students: 12 → 10")
        assert "Unused" in shown[2]
        assert shown[3].endswith(f"Products added: {dropped}")
        assert shown[4].endswith(f"A call Students: 10 → 12 Products removed: {dropped}")


@pytest.mark.django_db(transaction=True)
def test_pausing_and_replacing_the_teacher_code(sign_in, child, admin, hub_admin):
    old = str(child.teacher_code)
    pause_joining(order=child, by=hub_admin.user, reason="Passed around")
    new = replace_teacher_code(order=child, shown=child.teacher_code_id, by=admin.user)
    unpause_joining(order=child, by=admin.user)

    for reader in (admin, hub_admin):
        allowed, replaced, paused, _assigned = acts(sign_in(reader), child)
        assert allowed.startswith("Enrollment resumed")
        assert f"{admin.user}, Tolano Adventures" in allowed
        assert replaced.startswith("Teacher code replaced")
        assert f"{admin.user}, Tolano Adventures" in replaced
        assert old in replaced and str(new) in replaced
        assert paused.startswith("Enrollment paused")
        assert f"{hub_admin.user}, Harbour Hub Passed around" in paused


@pytest.mark.django_db(transaction=True)
def test_the_parent_order_shows_its_allocations_and_the_child_nothing_of_the_parent(
    sign_in, child, parent, admin, hub_admin, staff
):
    edit_order(order=parent, by=staff, purchase_order="SECRET-2", reason="SECRET why")
    reclaim_seats(order=child, number=3, by=hub_admin.user, reason="Unused")
    suspend_order(order=parent, by=staff, reason="SECRET debt")

    ours = acts(sign_in(hub_admin), parent)
    assert [act.split(" 20")[0] for act in ours] == [
        "Suspended",
        "Reclaimed from Tolano Adventures: 3",
        "Edited",
        "Allocated to Tolano Adventures: 10",
        "Assigned",
    ]
    theirs = acts(sign_in(admin), child)
    assert theirs[0].startswith("Suspended with its parent order")
    assert theirs[0].endswith("Harbour Hub")
    shown = " ".join(theirs)
    assert str(parent.number) not in shown and "SECRET" not in shown and str(staff) not in shown


def test_an_edit_by_cci_is_shown_as_cci(sign_in, child, admin, staff):
    edit_order(order=child, by=staff, teacher_code="U7DA7-NIFE-3017")

    (edited, _assigned) = acts(sign_in(admin), child)

    assert f"{staff}, CCI Learning Teacher Code: {child.teacher_code} → U7DA7-NIFE-3017" in edited


def test_renewals_are_described_by_the_app_above(sign_in, admin, hub_admin, child, staff):
    renewal = factories.renewal_request(child, membership=admin)
    reject_request(request=renewal, by=hub_admin.user, comments="Too early")
    renewal = factories.renewal_request(child, membership=admin)
    new = approve_request(request=renewal, by=staff, terms=offered_terms(renewal))

    site = sign_in(admin)
    assert whats(site, child) == [
        f"Renewal approved: order {new.number}",
        "Renewal requested",
        "Renewal rejected",
        "Renewal requested",
        "Assigned",
    ]
    assert acts(site, child)[2].endswith(f"{hub_admin.user}, Harbour Hub Too early")
    assert whats(site, new) == ["Assigned as a renewal"]


def test_joining_is_no_act_and_many_acts_are_capped(sign_in, child, admin, hub_admin, staff):
    enroll_student(order=child, user=factories.person(), by=staff)
    assert whats(sign_in(admin), child) == ["Assigned"]
    for number in range(activity.MOST + 2):
        edit_order(order=child, by=hub_admin.user, purchase_order=f"PO {number}")

    page = parsed(sign_in(admin).get(f"/inventory/{child.number}/edit/"))

    assert len(page.cssselect(".acts > li")) == activity.MOST
    assert f"Only the {activity.MOST} newest changes are shown" in text(
        page.cssselect("#panel-history")[0]
    )


def test_each_provider_of_acts_can_be_imported(settings):
    assert all(callable(import_string(name)) for name in settings.ORDER_ACTIVITY)


def test_a_refused_act_is_not_written(child, hub_admin):
    with pytest.raises(DomainError):
        edit_order(order=child, by=hub_admin.user, students=0)

    assert [one.kind for one in child.activity.all()] == [ActivityKind.ASSIGNED]


def test_the_organization_acted_for_stays_when_the_role_ends(sign_in, child, admin, hub_admin):
    edit_order(order=child, by=hub_admin.user, students=12)
    person = hub_admin.user
    hub_admin.delete()

    assert f"{person}, Harbour Hub" in acts(sign_in(admin), child)[0]
