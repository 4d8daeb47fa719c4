"""A move reveals nothing about the former supplier, to the new one and to everyone above it."""

import pytest
from django.db import transaction
from django.urls import reverse

from jasper_inventory.accounts.models import Level, Membership, Notice, Organization
from jasper_inventory.support.organization_moves import edit_organization
from licenses.models import Order, Outcome
from licenses.order_fields import OF_ASSIGNER
from licenses.services.enrollments import pause_joining
from licenses.services.order_edits import LINES, TEXTS
from licenses.services.reclaims import reclaim_seats
from licenses.services.requests import (
    approve_request,
    forward_request,
    reject_request,
    request_order,
    withdraw_request,
)
from licenses.services.suspensions import resume_order, suspend_order
from renewals import services as renewal_services
from tests import factories, pages
from tests.factories import CENTER, CODES
from tests.helpers import change, last_act
from tests.isolation.responses import addresses, get
from tests.licenses.acts import edit

pytestmark = pytest.mark.django_db

# In every text by the former supplier, and in no other text.
MARK = "zformerz"


class Moved:
    """A center that moves from one reseller to another, with every kind of row that remains."""

    def __init__(self):
        self.staff = factories.staff()
        self.center = factories.organization("Tolano Adventures")
        self.mix = factories.products(2)
        self.above = []
        self.old = self._supplier(MARK.title())
        self.new = self._supplier("Newcomer")
        self.center = self._moved_to(self.old.organization)
        self.admin = factories.member(self.center)
        self.own = [self._fill(kind) for kind in (CENTER, CODES)]
        self.proxies = self._proxy_requests()

    def _supplier(self, name):
        """The administrator of a reseller; the one of the distributor above it goes to `above`."""
        top = factories.organization(f"{name} Distributor", level=Level.DISTRIBUTOR)
        here = factories.organization(f"{name} Reseller", level=Level.RESELLER, parent=top)
        roles = []
        for organization in (top, here):
            clerk = f"{name.lower()}{organization.pk}"
            names = {"first_name": name, "last_name": name, "email": f"{clerk}@example.com"}
            roles.append(factories.member(organization, user=factories.person(clerk, **names)))
        self.above.append(roles[0])
        return roles[1]

    def _moved_to(self, supplier):
        center = Organization.objects.get(pk=self.center.pk)
        return edit_organization(
            organization=center,
            name=center.name,
            level=center.level,
            parent=Organization.objects.get(pk=supplier.pk),
            by=self.staff,
        )

    def _fill(self, kind):
        """Orders that the old supplier assigned, edited, approved and rejected."""
        old, by = self.old.organization, self.old.user
        terms = {"number_of_codes": 9} if kind == CODES else {"students": 90}
        less = {"number_of_codes": 2} if kind == CODES else {"students": 20}
        parent = factories.order(
            kind,
            assigned_to=old,
            by=self.staff,
            product_mix=self.mix,
            purchase_order=MARK,
            notify=True,
            **terms,
        )
        allocated = factories.order(
            kind,
            assigned_to=self.center,
            by=by,
            product_mix=self.mix,
            parent=parent,
            purchase_order=f"{MARK} 1",
            comments=f"{MARK} given",
            notify=True,
            **less,
        )
        texts = dict.fromkeys((LINES | TEXTS) & OF_ASSIGNER, f"{MARK} 2")
        edit(allocated, by, **texts, reason=f"{MARK} edited")
        reclaim_seats(order=allocated, number=1, by=by, reason=f"{MARK} reclaimed")
        approved = self._proxy(kind)
        # Fewer than requested, so that the email names changes.
        approve_request(
            request=approved,
            by=by,
            terms=factories.terms(kind, **less),
            parent=parent,
            comments=f"{MARK} approved",
        )
        rejected = self._proxy(kind)
        reject_request(request=rejected, by=by, comments=f"{MARK} rejected")
        refused = factories.renewal_request(allocated, membership=self.admin, purchase_order=MARK)
        reject_request(request=refused, by=by, comments=f"{MARK} no")
        pause_joining(order=allocated, by=by, reason=f"{MARK} leaked")
        suspend_order(order=approved, by=by, reason=f"{MARK} unpaid")
        forwarded = factories.license_request(kind, membership=self.admin, product_mix=self.mix)
        forward_request(request=forwarded, by=by, purchase_order=MARK, comments=MARK)
        # Nothing may block the move.
        for order in (
            Order.objects.get(pk=approved.pk),
            Order.objects.get(pk=allocated.pk),
            parent,
        ):
            change(order, finish_date=factories.days(-1))
        return allocated

    def _proxy(self, kind):
        return request_order(
            organization=self.center,
            inventory_type=kind,
            products=self.mix,
            by=self.old.user,
            requested_by_organization=self.old.organization,
            students=30,
            purchase_order=f"{MARK} 3",
            comments=f"{MARK} price",
        )

    def _proxy_requests(self):
        """Pending ones, of both kinds, by the old supplier and by the one above it."""
        made = [self._proxy(kind) for kind in (CENTER, CODES)]
        order = factories.order(
            assigned_to=self.center, by=self.staff, product_mix=self.mix, notify=True
        )
        start, finish = renewal_services.offered_dates(order)
        above = self.above[0]
        made.append(
            renewal_services.request_renewal(
                order=order,
                code_choice="new",
                start_date=start,
                finish_date=finish,
                students=30,
                by=above.user,
                requested_by_organization=above.organization,
                purchase_order=f"{MARK} 4",
                comments=f"{MARK} price",
            )
        )
        return made

    def move(self):
        Notice.objects.all().delete()
        self.center = self._moved_to(self.new.organization)


@pytest.fixture(scope="module")
def moved(test_settings, django_db_setup, django_db_blocker):
    """Created once; a test's changes are undone."""
    with django_db_blocker.unblock(), transaction.atomic():
        made = Moved()
        made.move()
        yield made
        transaction.set_rollback(True)


def everything(client):
    """Each address that shows something, with every order's number and every search."""
    numbers = list(Order.objects.order_by("pk").values_list("number", flat=True))
    yield from addresses(numbers, opened=True)
    for query in ("?status=requested", "?of=ours", "?organization=%23", "?kind=allocated"):
        yield "/inventory/" + query
        yield "/requests/" + query
        yield "/transfers/" + query


def readers(moved):
    return {"new": moved.new, "above": moved.above[1]}


@pytest.mark.parametrize("reader", ["new", "above"])
def test_no_address_reveals_the_former_supplier_to_the_new_one(moved, sign_in, reader):
    client = sign_in(readers(moved)[reader])
    found = {}
    shown = 0
    for address in everything(client):
        text = get(client, address)
        shown += "Tolano Adventures" in text
        if MARK in text.lower():
            at = text.lower().index(MARK)
            found[address] = text[max(at - 200, 0) : at + 40]
    assert found == {}
    assert shown > 20


def test_the_license_holder_and_the_former_supplier_keep_their_own(moved, sign_in):
    allocated = moved.own[0]
    page = get(sign_in(moved.admin), reverse("licenses:order_edit", args=[allocated.number]))
    for text in (f"{MARK} 2", f"{MARK} given", f"{MARK} edited", moved.old.organization.name):
        assert text in page
    client = sign_in(moved.old)
    assert client.get(reverse("licenses:order_edit", args=[allocated.number])).status_code == 404
    assert f"{MARK} 1" in get(client, "/transfers/")


@pytest.mark.parametrize("address", ["/inventory/", "/transfers/"])
def test_a_search_finds_no_purchase_order_that_is_not_shown(moved, sign_in, address):
    client = sign_in(moved.new)
    one, two = (
        get(client, f"{address}?purchase_order={typed}").replace(typed, "…")
        for typed in (MARK, "znowherez")
    )
    assert one == two


def test_requests_by_a_former_supplier_are_withdrawn_and_both_sides_notified(moved):
    for request in moved.proxies:
        request.refresh_from_db()
        assert (request.outcome, request.reviewed_by) == (Outcome.WITHDRAWN, moved.staff)
        assert last_act(request) == {"action": "organization.moved", "user": moved.staff.pk}
        requester = request.requested_by_organization
        clerk = Membership.objects.get(organization=requester).user
        number = str(request.asked_order.number)
        for reader in (clerk, moved.admin.user):
            texts = [
                notice.subject + notice.text + notice.html
                for notice in Notice.objects.filter(
                    recipient=reader, kind="request withdrawn by a move"
                )
            ]
            (text,) = [text for text in texts if number in text]
            assert request.purchase_order in text and "withdrawn" in text
            assert "Newcomer" not in text


def test_no_email_reveals_the_former_supplier_to_the_new_one(moved):
    """The move's own, and all emails that services send later about the moved organization."""
    for order in Order.objects.held_by(moved.center).pending():
        reject_request(request=order, by=moved.new.user, comments="Not now")
    for allocated in moved.own:
        edit(Order.objects.get(pk=allocated.pk), moved.staff, purchase_order="PO by CCI")
    for order in Order.objects.held_by(moved.center).filter(suspended_at__isnull=False):
        resume_order(order=order, by=moved.staff)
    renewal = factories.renewal_request(moved.own[0], membership=moved.admin)
    reject_request(request=renewal, by=moved.staff, comments="No")
    new = [reader.user.email for reader in readers(moved).values()]
    notices = list(Notice.objects.filter(address__in=new))
    assert len(notices) > 1
    for notice in notices:
        text = (notice.subject + notice.text + notice.html).lower()
        assert MARK not in text, notice.kind


def test_the_former_supplier_reads_and_gets_nothing_new(moved, sign_in):
    """Its own orders stay; the center's later changes aren't its business."""
    Notice.objects.all().delete()
    made = factories.license_request(
        membership=moved.admin, product_mix=moved.mix, purchase_order="znewz", comments="znewz"
    )
    reject_request(request=made, by=moved.new.user, comments="znewz")
    edit(Order.objects.get(pk=moved.own[0].pk), moved.staff, purchase_order="znewz")
    for reader in (moved.old, moved.above[0]):
        assert not Notice.objects.filter(address=reader.user.email).exists()
        client = sign_in(reader)
        for address in everything(client):
            text = get(client, address).lower()
            assert "znewz" not in text and "newcomer" not in text, address


def test_a_deep_move_withdraws_requests_of_former_suppliers_inside_the_branch(staff, mailoutbox):
    above = factories.organization("Former", level=Level.DISTRIBUTOR)
    hub = factories.organization("Hub", level=Level.HUB, parent=above)
    center = factories.organization("Center", parent=hub)
    clerk, hub_admin, admin = (factories.member(each) for each in (above, hub, center))
    mix = factories.products()
    kept = factories.license_request(membership=admin, product_mix=mix)
    by_hub = request_order(
        organization=center,
        inventory_type=CENTER,
        products=mix,
        by=hub_admin.user,
        requested_by_organization=hub,
        students=3,
    )
    gone = request_order(
        organization=center,
        inventory_type=CENTER,
        products=mix,
        by=clerk.user,
        requested_by_organization=above,
        students=3,
    )
    own = forward_request(request=gone, by=hub_admin.user)
    new = factories.organization("New", level=Level.DISTRIBUTOR)
    mailoutbox.clear()

    edit_organization(organization=hub, name="Hub", level=hub.level, parent=new, by=staff)

    for request in (kept, by_hub, gone, own):
        request.refresh_from_db()
    assert [each.outcome for each in (kept, by_hub, gone, own)] == [
        Outcome.PENDING,
        Outcome.PENDING,
        Outcome.WITHDRAWN,
        Outcome.PENDING,
    ]
    assert own.requested_to == new
    subjects = {email.to[0]: email.subject for email in mailoutbox if str(gone) in email.subject}
    assert set(subjects) == {clerk.user.email, admin.user.email}
    assert any(
        str(own) in email.subject for email in mailoutbox if email.to == [hub_admin.user.email]
    )


@pytest.mark.parametrize("ends", ["rejected", "withdrawn"])
def test_a_moving_supplier_leaves_behind_the_one_it_forwarded_a_request_to(sign_in, staff, ends):
    """In its branch, a request is pending again that the former supplier refused to fill."""
    former, new = (
        factories.organization(name, level=Level.DISTRIBUTOR) for name in (MARK.title(), "Newcomer")
    )
    hub = factories.organization("Hub", level=Level.HUB, parent=former)
    center = factories.organization("Tolano Adventures", parent=hub)
    clerk, newcomer, hub_admin, admin = (
        factories.member(each) for each in (former, new, hub, center)
    )
    order = factories.order(assigned_to=center, by=staff)
    requests = [
        factories.license_request(membership=admin),
        factories.renewal_request(order, membership=admin),
    ]
    forwarded = [
        forward_request(request=requests[0], by=hub_admin.user),
        forward_request(request=requests[1], by=hub_admin.user),
    ]
    for own in forwarded:
        if ends == "rejected":
            reject_request(request=own, by=clerk.user, comments="No")
        else:
            withdraw_request(request=own, by=hub_admin.user)
    for request in requests:
        request.refresh_from_db()
        assert [each.requested_to for each in request.forwards] == [former]
    client = sign_in(newcomer)

    edit_organization(organization=hub, name="Hub", level=hub.level, parent=new, by=staff)

    page = get(client, reverse("licenses:order_edit", args=[requests[0].number]))
    assert "Pending review by Hub" in page
    for address in everything(client):
        assert MARK not in get(client, address).lower(), address


def test_the_assigner_is_named_if_above_the_holder_today(moved, sign_in):
    """CCI's own orders are no former supplier's; an order that was never assigned says so."""
    by_cci = factories.license_request(membership=moved.admin, product_mix=moved.mix)
    change(by_cci, requested_to=moved.old.organization)
    approve_request(request=by_cci, by=moved.staff, terms=factories.terms(students=3))
    rejected = factories.license_request(membership=moved.admin, product_mix=moved.mix)
    reject_request(request=rejected, by=moved.new.user, comments="Not now")
    change(rejected, requested_to=moved.old.organization)
    client = sign_in(moved.new)

    def facts(order):
        return pages.facts(client.get(reverse("licenses:order_edit", args=[order.number])))

    assert facts(by_cci)["Assigned By"] == str(Organization.objects.vendor())
    shown = facts(rejected)
    assert "Assigned By" not in shown
    assert shown["Requested To"] == "A former supplier"
    assert facts(moved.own[0])["Assigned By"] == "A former supplier"


def test_changes_of_terms_by_a_former_supplier_are_not_shown(moved, sign_in):
    changed = Order.objects.exclude(changes=[]).filter(assigned_to=moved.center)
    assert len(changed) == 2
    for order in changed:
        address = reverse("licenses:order_edit", args=[order.number])
        assert "instead of" not in get(sign_in(moved.new), address)
        assert "instead of" in get(sign_in(moved.admin), address)
