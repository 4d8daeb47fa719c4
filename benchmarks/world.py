"""The loaded inventory that is measured: who visits it, and what they look for."""

import time
from functools import cached_property
from typing import Any

from django.utils import timezone

from activation_codes.models import ActivationCode
from jasper_inventory.accounts.models import Membership, Organization, Role, Session, User
from licenses.models import Enrollment, Order
from tests.browsers import Browser

# The persona of a page, and the username of its account.
PERSONAS = {
    "center": "large.center",
    "campus": "large.campus",
    "hub": "large.hub",
    "medium": "medium.distributor",
    "large": "large.distributor",
    "staff": "cci.staff",
}
DEEP_PAGE, ROWS_PER_PAGE = 2_000, 25


class World:
    """A database of one size. Everything is looked up once, and signed in once."""

    def __init__(self, orders: int) -> None:
        self.orders = orders
        self._clients: dict[str, Browser] = {}
        self._facts: dict[str, dict[str, Any]] = {}
        Session.objects.all().delete()

    def user(self, persona: str) -> User:
        """Return the account of a persona."""
        return User.objects.get(username=PERSONAS[persona])

    def membership(self, persona: str) -> Membership:
        """Return the role of a persona."""
        return Membership.objects.select_related("organization", "user").get(
            user__username=PERSONAS[persona], role=Role.ADMINISTRATOR
        )

    def client(self, persona: str) -> Browser:
        """Return a browser in which the persona is signed in."""
        if persona not in self._clients:
            client, user = Browser(), self.user(persona)
            client.force_login(user)
            if user.is_staff:
                # The admin requires a second factor.
                session = client.session
                session["account_authentication_methods"] += [{"method": "mfa", "at": time.time()}]
                session.save()
            self._clients[persona] = client
        return self._clients[persona]

    def facts(self, persona: str) -> dict[str, Any]:
        """Return what addresses name, for a persona: orders, organizations, pages."""
        if persona not in self._facts:
            found = self._facts[persona] = dict(self._common)
            if persona != "staff":
                found |= self._of_scope(self.membership(persona))
        return self._facts[persona]

    @cached_property
    def _common(self) -> dict[str, Any]:
        center = self.membership("center").organization
        campus = Order.objects.get(assigned_to=self.membership("campus").organization)
        student = (
            Enrollment.objects.students().filter(order__assigned_to=center).order_by("pk").last()
        )
        assert student is not None
        code = ActivationCode.objects.latest("pk")
        return {
            "center": center.pk,
            "hub": self.membership("hub").organization.pk,
            "campus_order": campus.number,
            "student": student.user.username,
            "code": code.code,
            "order_of_codes": code.order_id,
        }

    def _of_scope(self, membership: Membership) -> dict[str, Any]:
        orders = Order.objects.visible_to(membership)
        approved = orders.approved()
        with_purchase_order = approved.exclude(purchase_order="")
        named = with_purchase_order if with_purchase_order.exists() else approved
        # In the middle of the scope, neither the newest nor the oldest.
        order = named.order_by("number")[named.count() // 2]
        assert order.teacher_code is not None  # approved
        own = approved.filter(assigned_to=membership.organization_id).first()
        given = orders.assigned_by(membership).not_ended(timezone.localdate()).first()
        children = Organization.objects.get_children(membership.organization)
        last = max(-(-orders.count() // ROWS_PER_PAGE), 1)
        return {
            "number": order.number,
            "purchase_order": order.purchase_order,
            "license_code": order.teacher_code.code,
            "part_of_code": order.teacher_code.code[:3],
            "holder": order.assigned_to_id,
            "branch": child.pk if (child := children.first()) else membership.organization_id,
            "mix": "-".join(str(pk) for pk in sorted(order.products.values_list("pk", flat=True))),
            "own_order": own.number if own else order.number,
            "given_order": given.number if given else order.number,
            "deep_page": min(DEEP_PAGE, last),
            "last_page": last,
        }
