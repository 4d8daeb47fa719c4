"""The orders that can fill a request, and the approval preview. Changes no rows."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from jasper_inventory.lib.exceptions import DomainError
from licenses.models import Order, Product, RequestFields
from licenses.models.requests import describe_change
from licenses.services.allocations import check_room, product_ids
from licenses.services.requests import granted_changes, kind_of
from licenses.terms import Terms


@dataclass
class Offer:
    """The supplier's possible parent orders, best first, with the terms and products of the best.

    `why_none` says why there are none, so that the request stays pending.
    """

    parents: list[Order]
    terms: Terms
    asked_products: set[int]
    products: set[int]
    why_none: str = ""


@dataclass
class ApprovalPreview:
    """What approving from a parent order would do.

    What would be left there, the changes that the requester will see, and why it would fail.
    """

    parent: Order
    number: int | None
    after: int | None
    short: int = 0
    problem: str = ""
    changes: list[str] = field(default_factory=list)


def fulfillment_of(request: RequestFields) -> Offer:
    """Return what the supplier of a request can fill it with.

    These are its own orders in force with the same type and users per code, with some of the
    products (or all, if the kind keeps them), with seats left, and with overlapping dates.
    """
    kind = kind_of(request)
    terms, all_products = kind.offered_terms(request), kind.keeps_products
    order = request.asked_order
    products = product_ids(order)
    today = timezone.localdate()
    assert request.requested_to is not None  # a request
    orders = Order.objects.held_by(request.requested_to).in_force(today).with_status(today)
    parents = list(
        orders.filter(inventory_type=order.inventory_type).prefetch_related("order_products")
    )
    if not parents:
        return Offer([], terms, products, products, _("You have no order of this type in force."))
    for fits, why_none in _rules(order, terms, products, all_products):
        parents = [parent for parent in parents if fits(parent)]
        if not parents:
            return Offer([], terms, products, products, why_none)
    parents.sort(key=lambda parent: _rank(request, parent, terms, products))
    best = parents[0]
    return Offer(parents, _inside(terms, best), products, products & _held(best))


def _rules(
    order: Order, terms: Terms, products: set[int], all_products: bool
) -> list[tuple[Callable[[Order], bool], str]]:
    """Return the conditions for a parent order, each with the message if no order meets it."""

    def holds(parent: Order) -> bool:
        return products <= _held(parent) if all_products else bool(products & _held(parent))

    if all_products:
        without = _("None of your orders in force has all of these products.")
    else:
        without = _("None of your orders in force has any of these products.")
    rules: list[tuple[Callable[[Order], bool], str]] = [(holds, without)]
    if order.is_codes:
        users = order.users_per_code
        rules.append(
            (
                lambda parent: parent.users_per_code == users,
                _("None of your orders with these products has %(users)s as its users per code.")
                % {"users": f"{users:,}"},
            )
        )
    rules.append(
        (
            lambda parent: parent.unused is None or parent.unused > 0,
            _("Your orders with these products have no seats left."),
        )
    )
    rules.append(
        (
            lambda parent: parent.last_day >= terms.start_date,
            _("Your orders with these products end before %(day)s.") % {"day": terms.start_date},
        )
    )
    return rules


def number_allocated(parent: Order, terms: Terms) -> int | None:
    """Return the codes or seats that these terms use of a parent order; None = unlimited."""
    return terms.number_of_codes if parent.is_codes else terms.students


def _held(parent: Order) -> set[int]:
    return {held.product_id for held in parent.order_products.all()}


def _rank(
    request: RequestFields, parent: Order, terms: Terms, products: set[int]
) -> tuple[Any, ...]:
    """Return the sort key for possible parent orders, best first.

    First the order that was requested to fill this request, then those that can fill it
    completely, then those that end soonest, so that they are used up.
    """
    wanted = number_allocated(parent, terms)
    enough = parent.unused is None or (wanted is not None and wanted <= parent.unused)
    return (
        parent.pk != request.forwarded_as_id,
        not products <= _held(parent),
        not enough,
        parent.last_day < terms.finish_date,
        parent.last_day,
        parent.pk,
    )


def _inside(terms: Terms, parent: Order) -> Terms:
    """Return the terms, with dates and duration limited to those of the parent order."""
    assert parent.start_date  # approved
    duration = terms.duration
    if duration and parent.duration:
        duration = min(duration, parent.duration)
    return replace(
        terms,
        start_date=max(terms.start_date, parent.start_date),
        finish_date=min(terms.finish_date, parent.last_day),
        duration=duration,
    )


def preview_approval(
    request: RequestFields,
    *,
    parent: Order,
    terms: Terms,
    products: Collection[Product] | None = None,
) -> ApprovalPreview:
    """Return what approving a pending request from the parent order would do.

    The checks are those of the approval. `products` None keeps the requested ones.
    """
    order = request.asked_order
    asked = product_ids(order)
    pks = asked if products is None else {product.pk for product in products}
    changes = granted_changes(request, terms, asked_products=asked, products=pks)
    number, left = number_allocated(parent, terms), parent.unused
    after = left if left is None or number is None else left - number
    done = ApprovalPreview(
        parent, number, after, changes=[describe_change(change) for change in changes]
    )
    if after is not None and after < 0:
        done.short = -after
    try:
        kind_of(request).check(request, terms)
        check_room(parent, inventory_type=order.inventory_type, products=pks, terms=terms)
    except DomainError as error:
        done.problem = str(error)
    return done
