"""Moving an organization: its branch moves along, obstacles, and notices."""

import pytest
from django.urls import reverse

from jasper_inventory.accounts.models import Level, Organization
from jasper_inventory.lib.exceptions import DomainError, NotAllowed
from jasper_inventory.support.integrity import differences
from jasper_inventory.support.organization_moves import HoldsOrders, edit_organization
from licenses.models import Order
from licenses.services.reclaims import reclaim_seats
from licenses.services.requests import approve_request, forward_request, reject_request
from licenses.services.suspensions import resume_order, suspend_order
from tests import admin_pages as ui
from tests import factories, pages
from tests.commands import refusal, run
from tests.helpers import change, last_act
from tests.licenses.acts import allocate, edit, parent_of
from tests.support.acts import ended, move

pytestmark = pytest.mark.django_db

# The pages on which a supplier reviews a request.
REVIEW = {"license": "licenses:order_review", "renewal": "renewals:renewal_review"}


@pytest.fixture
def new_hub(db):
    return factories.organization("North Hub", level=Level.HUB)


@pytest.fixture
def new_admin(new_hub):
    return factories.member(new_hub)


def seen(membership):
    membership = type(membership).objects.get(pk=membership.pk)
    return set(Order.objects.visible_to(membership))


def emails_to(mailoutbox, who):
    return [email for email in mailoutbox if email.to == [who.user.email]]


def test_the_scope_of_the_organization_and_its_suppliers_moves_immediately(
    staff, center, admin, hub_admin, new_hub, new_admin
):
    order = factories.order(assigned_to=center)

    moved = move(center, new_hub, staff)

    assert moved.supplier == new_hub
    assert last_act(moved) == {"action": "organization.moved", "user": staff.pk}
    assert (seen(admin), seen(hub_admin), seen(new_admin)) == ({order}, set(), {order})


def test_all_sub_organizations_move_along_and_their_orders_stay_valid(staff, hub, center):
    distributor = factories.organization("Far", level=Level.DISTRIBUTOR)
    child = allocate(parent_of(hub), center, staff)

    move(hub, distributor, staff)

    child = Order.objects.get(pk=child.pk)
    assert child.assigned_to.supplier == child.parent.assigned_to == hub
    assert differences() == []
    reclaim_seats(order=child, number=1, by=factories.member(hub).user, reason="Unused")


def test_an_order_with_a_parent_order_in_force_blocks_the_move(staff, hub, center, new_hub):
    child = allocate(parent_of(hub), center, staff)

    with pytest.raises(HoldsOrders) as refused:
        move(center, new_hub, staff, name="Renamed")

    assert str(refused.value) == (
        f"Tolano Adventures can't leave Harbour Hub: its order {child} was allocated from an order "
        "of Harbour Hub that hasn't ended."
    )
    center = Organization.objects.get(pk=center.pk)
    assert (center.supplier, center.name) == (hub, "Tolano Adventures")


def test_a_rename_or_a_new_level_needs_no_free_orders(staff, hub, center):
    allocate(parent_of(hub), center, staff)

    edited = edit_organization(
        organization=center, name="Renamed", level=center.level, parent=hub, by=staff
    )

    assert edited.name == "Renamed"
    assert last_act(edited)["action"] == "organization.edited"


def test_many_orders_in_the_way_are_not_all_named(staff, hub, center, new_hub):
    parent = parent_of(hub)
    children = [allocate(parent, center, staff, students=1) for _at in range(12)]

    with pytest.raises(HoldsOrders, match="and 2 more") as refused:
        move(center, new_hub, staff)

    assert str(children[0]) in str(refused.value)
    assert str(children[11]) not in str(refused.value)


@pytest.mark.parametrize("day", [0, -1])
def test_the_last_day_of_the_parent_order_still_counts(staff, hub, center, new_hub, day):
    parent = parent_of(hub)
    child = allocate(parent, center, staff)
    for order in (child, parent):
        change(order, finish_date=factories.days(day))

    if day == 0:
        with pytest.raises(HoldsOrders):
            move(center, new_hub, staff)
    else:
        assert move(center, new_hub, staff).supplier == new_hub


def test_only_cci_suspends_orders_the_old_supplier_assigned(
    staff, hub, center, hub_admin, new_hub, new_admin
):
    parent = parent_of(hub)
    child = allocate(parent, center, staff)
    ended(parent, child)
    read_before = Order.objects.select_related("assigned_to").get(pk=child.pk)
    move(center, new_hub, staff)

    child = Order.objects.get(pk=child.pk)
    for by in (hub_admin.user, new_admin.user):
        for order in (read_before, child):
            with pytest.raises(NotAllowed):
                suspend_order(order=order, by=by, reason="Mine")
    assert child not in Order.objects.assigned_by(hub_admin)
    suspend_order(order=child, by=staff, reason="Unpaid")
    with pytest.raises(NotAllowed):
        resume_order(order=Order.objects.get(pk=child.pk), by=hub_admin.user)


def test_an_ended_parent_order_is_not_extended_without_its_children(staff, hub, center, new_hub):
    parent = parent_of(hub)
    child = allocate(parent, center, staff)
    ended(parent, child)
    edit(parent, staff, finish_date=factories.days(5))
    ended(parent)
    move(center, new_hub, staff)

    with pytest.raises(DomainError, match="no longer under Harbour Hub") as refused:
        edit(parent, staff, finish_date=factories.days(5))

    assert refused.value.field == "finish_date"


def test_pending_requests_move_to_the_new_supplier(
    staff, center, admin, hub, hub_admin, new_hub, new_admin, mailoutbox
):
    license_request = factories.license_request(membership=admin)
    renewal = factories.renewal_request(factories.order(assigned_to=center), membership=admin)
    reviewed = factories.license_request(membership=admin)
    reject_request(request=reviewed, by=hub_admin.user, comments="No")
    mailoutbox.clear()

    move(center, new_hub, staff)

    for request in (license_request, renewal, reviewed):
        request.refresh_from_db()
    assert license_request.requested_to == renewal.requested_to == new_hub
    assert reviewed.requested_to == hub
    assert last_act(license_request) == last_act(renewal)
    assert last_act(license_request)["action"] == "organization.moved"
    (left,), (came,) = emails_to(mailoutbox, hub_admin), emails_to(mailoutbox, new_admin)
    assert left.subject == "Harbour Hub is no longer Tolano Adventures' supplier"
    assert came.subject == "North Hub is now Tolano Adventures' supplier"
    for email in (left, came):
        html = email.alternatives[0].content
        for text in (email.body, html):
            assert f"New license, order {license_request.number} (Center License)" in text
            assert f"Renewal of order {renewal.order.number} (Center License)" in text
            assert str(reviewed.number) not in text
    assert "no longer yours to review" in left.body and "no longer see" in left.body
    assert "North Hub" not in left.body + left.alternatives[0].content
    assert "now pending your review" in came.body
    assert "Harbour Hub" not in came.body + came.alternatives[0].content
    parent = parent_of(new_hub, product_mix=list(license_request.products.all()))
    approve_request(
        request=license_request, by=new_admin.user, terms=factories.terms(students=1), parent=parent
    )
    with pytest.raises(NotAllowed):
        reject_request(request=renewal, by=hub_admin.user, comments="Mine")


@pytest.mark.parametrize("kind", ["license", "renewal"])
def test_what_the_old_supplier_forwarded_stays_its_own(
    staff, sign_in, center, admin, hub, hub_admin, new_hub, new_admin, mailoutbox, kind
):
    if kind == "license":
        request = factories.license_request(membership=admin)
    else:
        request = factories.renewal_request(factories.order(assigned_to=center), membership=admin)
    own = forward_request(request=request, by=hub_admin.user, comments="For a school of ours")
    mailoutbox.clear()

    move(center, new_hub, staff)

    request = type(request).objects.get(pk=request.pk)
    assert (request.requested_to, request.pending_with) == (new_hub, new_hub)
    # The old supplier is notified of the outcome of its own request, the new one isn't.
    (left,), (came,) = emails_to(mailoutbox, hub_admin), emails_to(mailoutbox, new_admin)
    for text in (left.body, left.alternatives[0].content):
        assert f"Order {own.number} (Requested)" in text and "stay yours" in text
    assert str(own.number) not in came.body + came.alternatives[0].content
    page = sign_in(new_admin).get(reverse(REVIEW[kind], args=[request.asked_order.number]))
    assert str(own.number) not in page.text and "For a school of ours" not in page.text
    # It may forward the request in turn, independently of the old one's own request.
    again = forward_request(request=request, by=new_admin.user)
    assert (again.assigned_to, again.requested_to) == (new_hub, factories.vendor())
    mailoutbox.clear()
    reject_request(request=own, by=staff, comments="Not now")
    assert len(emails_to(mailoutbox, hub_admin)) == 1 and not emails_to(mailoutbox, new_admin)
    request.refresh_from_db()
    assert request.is_pending and request.forwarded_as == again


def test_requests_of_sub_organizations_stay_with_their_supplier(staff, hub, admin):
    license_request = factories.license_request(membership=admin)

    move(hub, factories.organization("Far", level=Level.DISTRIBUTOR), staff)

    license_request.refresh_from_db()
    assert license_request.requested_to == hub


def test_from_cci_to_a_supplier_and_back(staff, hub, hub_admin, mailoutbox):
    free = factories.organization("Free Center")
    member = factories.member(free)
    license_request = factories.license_request(membership=member)
    mailoutbox.clear()

    move(free, hub, staff)
    license_request.refresh_from_db()
    assert license_request.requested_to == hub
    assert {email.to[0] for email in mailoutbox} == {staff.email, hub_admin.user.email}
    mailoutbox.clear()

    move(Organization.objects.get(pk=free.pk), factories.vendor(), staff)
    license_request.refresh_from_db()
    assert license_request.requested_to == factories.vendor()
    assert "no longer see" not in next(m for m in mailoutbox if m.to == [staff.email]).body
    assert "no longer see" in emails_to(mailoutbox, hub_admin)[0].body


def test_a_supplier_further_up_still_sees_organizations_moved_down(staff, mailoutbox):
    reseller = factories.organization("Reseller", level=Level.RESELLER)
    above = factories.member(reseller)
    hub = factories.organization("Inner Hub", level=Level.HUB, parent=reseller)
    center = factories.organization("Center", parent=reseller)

    move(center, hub, staff)

    assert "no longer see" not in emails_to(mailoutbox, above)[0].body


def test_moving_to_the_same_supplier_changes_and_notifies_nothing(staff, hub, center, mailoutbox):
    factories.member(hub)
    move(center, hub, staff)

    assert not mailoutbox


def test_only_cci_staff_move(admin, hub_admin, center, new_hub):
    for by in (admin.user, hub_admin.user):
        with pytest.raises(NotAllowed):
            move(center, new_hub, by)


# In the admin


def test_the_refusal_in_the_admin_links_to_the_orders(staff, sign_in, hub, center, new_hub):
    Organization.objects.filter(pk=center.pk).update(name="<b>Tolano</b>")
    child = allocate(parent_of(hub), center, staff)
    staff_site = sign_in(staff)

    page = ui.fill(staff_site, ui.url(Organization, "change", center.pk), parent=new_hub.pk)

    assert "<b>Tolano</b> can't leave Harbour Hub" in ui.errors(page)["parent"]
    (link,) = ui.page(page).cssselect(".errorlist a")
    assert (link.text, link.get("href")) == (str(child), ui.url(Order, "change", child.pk))
    drop = {"node": center.pk, "target": new_hub.pk, "relation": "child"}
    assert staff_site.post("/admin/accounts/organization/move/", drop).status_code == 400
    message = ui.page(staff_site.get(ui.url(Organization, "changelist"))).cssselect(
        ".messagelist li"
    )
    assert "<b>Tolano</b> can't leave" in pages.text(message[0])
    assert message[0].cssselect("a")[0].get("href") == link.get("href")


# The command


def test_the_command_moves(staff, center, new_hub):
    words = ("move_organization", "tolano adventures", "--parent", new_hub.pk, "--by")

    dry = run(*words, staff.username, "--dry-run")
    assert Organization.objects.get(pk=center.pk).supplier != new_hub
    line = run(*words, staff.username)

    assert line == "Tolano Adventures was moved from Harbour Hub to North Hub."
    assert dry == f"Dry run, nothing was changed. A real run says: {line}"
    assert Organization.objects.get(pk=center.pk).supplier == new_hub
    again = run(*words, staff.username)
    assert again == "Tolano Adventures is already below North Hub; nothing was changed."


def test_the_command_refuses_with_the_numbers(staff, hub, admin, center, new_hub):
    child = allocate(parent_of(hub), center, staff)
    words = ("move_organization", center.pk, "--parent", "North Hub", "--by")

    assert f"its order {child} was allocated" in refusal(*words, staff.username)
    assert refusal(*words, admin.user.username) == "Only CCI staff can do this."
    vendor = factories.vendor()
    assert "must remain at the top" in refusal(
        "move_organization", vendor.pk, "--parent", hub.pk, "--by", staff.username
    )
