"""A site, and acts of any kind in any sequence, as Hypothesis draws them."""

from django.db import transaction
from hypothesis import strategies as st

from activation_codes.models import ActivationCode, Redemption
from activation_codes.services.codes import create_codes
from activation_codes.services.redemptions import reclaim_redemption, redeem_code
from jasper_inventory.accounts.models import Level, Organization
from jasper_inventory.lib.exceptions import DomainError
from jasper_inventory.support.organization_moves import edit_organization
from licenses.models import Enrollment, EnrollmentRole, InventoryType, Order
from licenses.services import reclaims
from licenses.services.enrollments import enroll_student, remove_enrollment
from licenses.services.orders import assign_order
from licenses.services.requests import approve_request, offered_terms
from licenses.services.suspensions import resume_order, suspend_order
from licenses.terms import Terms
from renewals import services as renewal_services
from renewals.models import RenewalRequest
from tests import factories
from tests.licenses.acts import edit

ACTS = (
    *("assign", "assign", "assign", "reclaim seats", "reclaim seats", "enroll", "enroll", "remove"),
    *("create", "create", "redeem", "redeem", "unredeem", "edit", "suspend", "resume", "resume"),
    *("renew", "assign from nothing", "move", "move", "end", "end", "request"),
)

# The act, its row (an index modulo the number of rows), and its numbers.
steps = st.lists(
    st.tuples(st.sampled_from(ACTS), st.integers(0, 30), st.integers(0, 30), st.integers(0, 12)),
    min_size=10,
    max_size=40,
)

# Each organization's parent, by its index among those before it: 0 is the vendor.
trees = st.lists(st.integers(0, 6), min_size=1, max_size=5)


class Site:
    """A tree of organizations with the acts that may happen on it, as CCI staff do them."""

    def __init__(self, parents):
        self.by = factories.staff()
        self.mix = factories.products(2)
        self.people = [factories.person() for _at in range(6)]
        made = [factories.vendor()]
        for level in (Level.DISTRIBUTOR, Level.RESELLER, Level.HUB):
            made.append(factories.organization(level=level, parent=made[-1]))
        for parent in parents:
            # A center has no sub-organizations.
            above = [one for one in made if one.level < Level.HUB]
            parent = above[parent % len(above)]
            level = Level(min(parent.level + 1, Level.CENTER))
            made.append(factories.organization(level=level, parent=parent))
        for kind in range(2):
            self.assign_from_nothing(0, kind, 12)

    def do(self, act, one, other, number):
        """Do it; if a rule forbids it, it is refused and changes nothing."""
        try:
            with transaction.atomic():
                getattr(self, act.replace(" ", "_"))(one, other, number)
        except DomainError:
            return False
        return True

    @property
    def organizations(self):
        """In their current order in the tree, the vendor first."""
        return list(Organization.objects.order_by("path"))

    def order(self, at):
        orders = list(Order.objects.order_by("pk"))
        return orders[at % len(orders)]

    def one(self, rows, at):
        rows = list(rows.order_by("pk"))
        if not rows:
            raise DomainError("nothing there")
        return rows[at % len(rows)]

    def terms(self, kind, number, parent=None):
        dates = {"start_date": factories.days(-10), "finish_date": factories.days(100)}
        if parent is not None:
            dates = {"start_date": parent.start_date, "finish_date": parent.finish_date}
        if kind == InventoryType.CENTER_LICENSE:
            return Terms(**dates, students=number or None)
        return Terms(**dates, number_of_codes=number or 1, users_per_code=2, duration=30)

    def assign_from_nothing(self, organization, kind, number):
        organization = self.organizations[1:][organization % (len(self.organizations) - 1)]
        kind = factories.CODES if kind % 2 else factories.CENTER
        assign_order(
            assigned_to=organization,
            inventory_type=kind,
            products=self.mix,
            terms=self.terms(kind, number),
            by=self.by,
        )

    def assign(self, one, other, number):
        # Not of a center, which has no sub-organizations.
        above = [organization for organization in self.organizations if organization.numchild]
        parent = self.one(Order.objects.approved().filter(assigned_to__in=above), one)
        children = [
            child for child in self.organizations[1:] if child.supplier == parent.assigned_to
        ]
        assign_order(
            assigned_to=children[other % len(children)],
            inventory_type=parent.inventory_type,
            products=self.mix,
            terms=self.terms(parent.inventory_type, number, parent),
            by=self.by,
            parent=parent,
        )

    def reclaim_seats(self, one, other, number):
        order = self.one(Order.objects.filter(parent__isnull=False), one)
        reclaims.reclaim_seats(order=order, number=number, by=self.by, reason="Unused")

    def enroll(self, one, other, number):
        enroll_student(
            order=self.order(one), user=self.people[other % len(self.people)], by=self.by
        )

    def remove(self, one, other, number):
        people = Enrollment.objects.current().filter(role=EnrollmentRole.STUDENT)
        remove_enrollment(enrollment=self.one(people, one), by=self.by)

    def create(self, one, other, number):
        create_codes(order=self.order(one), by=self.by)

    def redeem(self, one, other, number):
        code = self.one(ActivationCode.objects.all(), one)
        redeem_code(code=code, user=self.people[other % len(self.people)])

    def unredeem(self, one, other, number):
        redemption = self.one(Redemption.objects.current(), one)
        reclaim_redemption(redemption=redemption, by=self.by)

    def edit(self, one, other, number):
        order = self.order(one)
        size = "number_of_codes" if order.is_codes else "students"
        edit(order, self.by, **{size: number or (0 if order.is_codes else None)})

    def end(self, one, other, number):
        """Set its finish date to yesterday or later; it may become active again."""
        edit(self.order(one), self.by, finish_date=factories.days(number - 1))

    def move(self, one, other, number):
        moved = self.organizations[one % len(self.organizations)]
        parent = self.organizations[other % len(self.organizations)]
        edit_organization(
            organization=moved, name=moved.name, level=moved.level, parent=parent, by=self.by
        )

    def request(self, one, other, number):
        requester = self.organizations[1:][one % (len(self.organizations) - 1)]
        factories.license_request(membership=factories.member(requester), product_mix=self.mix)

    def suspend(self, one, other, number):
        suspend_order(order=self.order(one), by=self.by, reason="Unpaid")

    def resume(self, one, other, number):
        suspended = Order.objects.filter(suspended_at__isnull=False)
        resume_order(order=self.one(suspended, one), by=self.by)

    def renew(self, one, other, number):
        order = self.order(one)
        holder = factories.member(order.assigned_to)
        renewal = renewal_services.request_renewal(
            order=order,
            code_choice="existing" if other % 2 else "new",
            start_date=factories.today(),
            finish_date=order.finish_date or factories.today(),
            students=number or 1,
            by=holder.user,
        )
        renewal = RenewalRequest.objects.get(pk=renewal.pk)
        approve_request(
            request=renewal,
            by=self.by,
            terms=offered_terms(renewal),
            parent=order.parent if number % 2 else None,
        )
