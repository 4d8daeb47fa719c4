"""What a typed text finds in an administrator's scope, group by group.

Each group is the search of an existing list, so it finds what the role may see there.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from jasper_inventory.accounts.models import Membership, Organization, User
from jasper_inventory.accounts.organization_field import labels_of, suggestions
from jasper_inventory.inventory.diagnostics import Explanation, explain_code
from jasper_inventory.lib.numbers import is_number, whole_number
from jasper_inventory.lib.text_fields import has
from jasper_inventory.lib.time_limits import TookTooLong, time_limit
from jasper_inventory.people.queries import (
    Found,
    PeoplePaginator,
    TooManyPeople,
    people_by_code,
    people_named,
)
from licenses.models import Order

# Shown of each group.
MOST = 10
MOST_SECONDS = 2


@dataclass
class Group:
    """The first rows of a group, and whether there are more, or too many to read."""

    rows: list[Any] = field(default_factory=list)
    has_more: bool = False
    is_too_large: bool = False

    def __bool__(self) -> bool:
        return bool(self.rows) or self.is_too_large


@dataclass
class Results:
    """All groups."""

    orders: Group
    people: Group
    organizations: Group
    code: Explanation | None = None

    @property
    def is_empty(self) -> bool:
        return not (self.orders or self.people or self.organizations or self.code)


def order_numbered(typed: str, membership: Membership) -> Order | None:
    """Return the order with exactly this number, if the role may see it."""
    if not is_number(typed):
        return None
    return Order.objects.visible_to(membership).filter(number=whole_number(typed)).first()


def found_by_text(typed: str, membership: Membership) -> Results:
    """Return the orders, people and organizations that a text finds."""
    return Results(
        orders=_orders(typed, membership),
        people=_people(typed, membership),
        organizations=_organizations(typed, membership),
    )


def found_by_code(typed: str, membership: Membership) -> Results:
    """Return the order of a code and the people who used it, or what the text finds otherwise."""
    explained = explain_code(
        typed,
        orders=Order.objects.visible_to(membership),
        today=timezone.localdate(),
        reader=membership,
    )
    people = people_by_code(typed, membership)
    if explained.order is None and not people:
        return found_by_text(typed, membership)
    known = explained if explained.order else None
    return Results(Group(), _shown(people, membership), Group(), known)


def _orders(typed: str, membership: Membership) -> Group:
    seen = Order.objects.visible_to(membership)
    own = membership.organization
    matching = seen.filter(has("compact_purchase_order", typed), seen.terms_known_to(own))
    try:
        with time_limit(MOST_SECONDS):
            found = list(matching.order_by("-number").values_list("pk", flat=True)[: MOST + 1])
    except TookTooLong:
        return Group(is_too_large=True)
    listed = Order.objects.with_status(timezone.localdate()).select_related("assigned_to")
    orders = listed.in_bulk(found[:MOST])
    return Group([orders[pk] for pk in found[:MOST] if pk in orders], len(found) > MOST)


def _people(typed: str, membership: Membership) -> Group:
    try:
        return _shown(people_named(typed, membership), membership)
    except TooManyPeople:
        return Group(is_too_large=True)


def _shown(found: Iterable[Found], membership: Membership) -> Group:
    page = PeoplePaginator(found, membership, MOST).get_page(1)
    people: list[User] = list(page.object_list)
    return Group(people, page.has_next())


def _organizations(typed: str, membership: Membership) -> Group:
    own = membership.organization
    if not own.is_supplier:
        return Group()
    found = suggestions(typed, organizations=Organization.objects.visible_to(membership))
    shown = found[:MOST]
    labels = labels_of(shown, within=own) if shown else {}
    return Group([(each, labels[each.pk]) for each in shown], len(found) > MOST)
