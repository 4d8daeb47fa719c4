"""A child order lies inside its source: places given, dates, products and the rest."""

from collections.abc import Collection, Iterator
from datetime import date
from itertools import chain
from typing import Any

from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from jasper_inventory.accounts.models import User
from jasper_inventory.lib.exceptions import DomainError, raise_all
from licenses.models import Order, OrderProduct, Transfer, TransferKind
from licenses.terms import LAST_DAY, Terms


def locked_parent(parent: Order) -> Order:
    """Lock the source of an order that is about to be made, and return it.

    Raises DomainError unless it is in force. Runs in the caller's transaction, which gives the
    places once the order is saved.
    """
    parent = Order.objects.select_for_update(of=("self",)).get(pk=parent.pk)
    _require_in_force(parent, field="parent")
    return parent


def _require_in_force(parent: Order, *, field: str) -> None:
    if not Order.objects.in_force(timezone.localdate()).filter(pk=parent.pk).exists():
        raise DomainError(_("The source order isn't in force."), field=field, about=parent)


def allocate(parent: Order, order: Order, *, by: User) -> None:
    """Give the locked source's places to an order that was just carved from it and saved."""
    move(parent, order, _size(order, order), by=by, reason=order.approval_comments)


def allocate_changed(parent: Order, order: Order, terms: Terms, *, by: User, reason: str) -> None:
    """Give, or take back, what the new terms of a carved order change. Both orders are locked."""
    before, after = _size(order, order), _size(order, terms)
    if before is not None and (after is None or after > before):
        _require_in_force(parent, field=_size_field(order))
    if before is None or after is None:
        if before != after:
            # To or from unlimited: the one goes back, the other is given.
            move(parent, order, before and -before, by=by, reason=reason, back=True)
            move(parent, order, after, by=by, reason=reason)
    elif before != after:
        move(parent, order, after - before, by=by, reason=reason)


def _size(order: Order, terms: Any) -> int | None:
    """What an order of these terms has: codes, or students; None = unlimited."""
    return getattr(terms, _size_field(order))


def _size_field(order: Order) -> str:
    return "number_of_codes" if order.is_codes else "students"


def move(
    parent: Order,
    order: Order,
    number: int | None,
    *,
    by: User,
    reason: str = "",
    back: bool = False,
) -> Transfer | None:
    """Count places (codes of User Activation Codes) as given, and write the transfer down.

    The one place where places move between two orders; the caller has locked both. A negative
    number takes back. None is unlimited, which counts nothing; it is given, or goes `back`.
    """
    back = back or (number or 0) < 0
    if number == 0:
        return None
    if number is not None:
        field = "codes_allocated" if parent.is_codes else "allocated"
        raise_all(_too_few_left(parent, number))
        Order.objects.filter(pk=parent.pk).update(**{field: F(field) + number})
        parent.refresh_from_db(fields=[field, "seats_taken", "seats_available"])
    from_order, to_order = (order, parent) if back else (parent, order)
    return Transfer.objects.create(
        kind=TransferKind.RECLAIMED if back else TransferKind.ALLOCATED,
        from_order=from_order,
        to_order=to_order,
        number=number and abs(number),
        made_by=by,
        purchase_order=order.purchase_order,
        reason=reason,
    )


def _too_few_left(parent: Order, number: int) -> Iterator[DomainError]:
    if parent.unused is not None and number > parent.unused:
        yield DomainError(
            _("The source order has %(left)d left, not %(number)d.")
            % {"left": parent.unused, "number": number},
            field=_size_field(parent),
            about=parent,
        )


def check_room(
    parent: Order, *, inventory_type: str, products: Collection[int], terms: Terms
) -> None:
    """Raise DomainError where `source`, as it is now, can't give an order of these terms."""
    why_not = no_room(parent, inventory_type=inventory_type, products=products, terms=terms)
    raise_all(chain(why_not, already_ended(terms.finish_date)))


def no_room(
    parent: Order, *, inventory_type: str, products: Collection[int], terms: Terms
) -> Iterator[DomainError]:
    """Why `source`, as it is now, can't give an order of these terms."""
    yield from outside(parent, inventory_type=inventory_type, products=products, terms=terms)
    number = _size(parent, terms)
    if number is not None:
        yield from _too_few_left(parent, number)


def swapped_dates(start: date | None, finish: date | None) -> Iterator[DomainError]:
    """What no order may have: a finish before the start, or too late; None isn't looked at."""
    if start and finish and start > finish:
        yield DomainError(_("The finish date is before the start date."), field="finish_date")
    for field, day in (("start_date", start), ("finish_date", finish)):
        if day and day > LAST_DAY:
            yield DomainError(_("At the latest %(day)s.") % {"day": LAST_DAY}, field=field)


def already_ended(finish: date | None) -> Iterator[DomainError]:
    """Terms that are over: nobody could use the license that they give."""
    today = timezone.localdate()
    if finish and finish < today:
        yield DomainError(
            _("This date is in the past; today is %(today)s.") % {"today": today},
            field="finish_date",
        )


def outside(
    parent: Order, *, inventory_type: str, products: Collection[int], terms: Terms
) -> Iterator[DomainError]:
    """Why an order of these terms would not lie inside `source`."""
    if inventory_type != parent.inventory_type:
        yield DomainError(
            _("The source order is of the other inventory type."), field="parent", about=parent
        )
        return
    yield from outside_dates(parent, terms.start_date, terms.finish_date)
    if not set(products) <= product_ids(parent):
        yield DomainError(
            _("Not all of the products are on the source order."), field="products", about=parent
        )
    if parent.is_codes:
        if terms.users_per_code != parent.users_per_code:
            yield DomainError(
                _("Users per code must be %(users)d, as on the source order.")
                % {"users": parent.users_per_code},
                field="users_per_code",
                about=parent,
            )
        if terms.duration and parent.duration and terms.duration > parent.duration:
            yield DomainError(
                _("The duration is at most %(days)d days, as on the source order.")
                % {"days": parent.duration},
                field="duration",
                about=parent,
            )
    elif parent.students is not None and terms.students is None:
        yield DomainError(
            _("The source order is limited; it can't be given on as unlimited."),
            field="students",
            about=parent,
        )


def outside_dates(parent: Order, start: date | None, finish: date | None) -> Iterator[DomainError]:
    """Which of the dates lie outside `source`; None isn't looked at."""
    first, last = parent.start_date, parent.finish_date
    assert first and last  # approved
    for field, value in (("start_date", start), ("finish_date", finish)):
        if value and not first <= value <= last:
            yield DomainError(
                _("The source order runs from %(start)s to %(finish)s.")
                % {"start": first, "finish": last},
                field=field,
                about=parent,
            )


def cutting_children(
    order: Order, *, products: Collection[int], terms: Terms
) -> Iterator[DomainError]:
    """Where a child of `order` would stick out of its new terms."""
    children = Order.objects.filter(parent=order)
    yield from cutting_dates(order, terms.start_date, terms.finish_date)
    missing = OrderProduct.objects.filter(order__parent=order).exclude(product__in=products)
    if held := missing.select_related("order").order_by("order").first():
        yield DomainError(
            _("An order carved from this one holds a product that you take off."),
            field="products",
            about=held.order,
        )
    if order.is_codes:
        yield from _cutting_codes(order, children, terms)
    elif terms.students is not None and (unlimited := children.filter(students=None).first()):
        yield DomainError(
            _("An order carved from this one is unlimited; this one must stay so too."),
            field="students",
            about=unlimited,
        )


def cutting_dates(order: Order, start: date | None, finish: date | None) -> Iterator[DomainError]:
    """Which of an order's new dates its children forbid; None isn't looked at."""
    children = Order.objects.filter(parent=order)
    if finish:
        yield from _revived(order, children, finish)
    early = start and children.filter(start_date__lt=start).order_by("start_date").first()
    if early:
        yield DomainError(
            _("An order carved from this one starts on %(day)s.") % {"day": early.start_date},
            field="start_date",
            about=early,
        )
    late = finish and children.filter(finish_date__gt=finish).order_by("-finish_date").first()
    if late:
        yield DomainError(
            _("An order carved from this one finishes on %(day)s.") % {"day": late.finish_date},
            field="finish_date",
            about=late,
        )


def _cutting_codes(order: Order, children: QuerySet[Order], terms: Terms) -> Iterator[DomainError]:
    if terms.users_per_code != order.users_per_code and (child := children.first()):
        yield DomainError(
            _("Orders carved from this one have the same number of users per code."),
            field="users_per_code",
            about=child,
        )
    shorter = Q() if terms.duration is None else Q(duration__gt=terms.duration)
    if shorter and (long := children.filter(shorter).order_by("-duration").first()):
        yield DomainError(
            _("An order carved from this one lasts %(days)d days per person.")
            % {"days": long.duration},
            field="duration",
            about=long,
        )


def fewer_than_taken(order: Order, terms: Terms) -> Iterator[DomainError]:
    """Where the order would have fewer places, or codes, than are taken."""
    size = _size(order, terms)
    taken, allocated = order.enrolled, order.allocated
    text = _(
        "There can't be fewer seats than are taken: %(taken)d by people, %(allocated)d allocated."
    )
    if order.is_codes:
        taken, allocated = order.codes_created, order.codes_allocated
        text = _(
            "There can't be fewer codes than those created (%(taken)d) and allocated "
            "(%(allocated)d)."
        )
    if size is None or size >= taken + allocated:
        return
    largest = Order.objects.filter(parent=order).order_by(
        F(_size_field(order)).desc(nulls_last=True)
    )
    yield DomainError(
        text % {"taken": taken, "allocated": allocated},
        field=_size_field(order),
        about=largest.first() if allocated else None,
    )


def _revived(order: Order, children: Any, finish: date) -> Iterator[DomainError]:
    """An order that has ended can't live again once a holder of its children was moved away."""
    assert order.finish_date  # approved
    if not order.finish_date < timezone.localdate() <= finish:
        return
    holder = order.assigned_to
    below = {"assigned_to__path__startswith": holder.path, "assigned_to__depth": holder.depth + 1}
    gone = children.exclude(**below).select_related("assigned_to").first()
    if gone is not None:
        yield DomainError(
            _("%(organization)s, which has a part of it, is no longer below %(holder)s.")
            % {"organization": gone.assigned_to, "holder": holder},
            field="finish_date",
        )


def product_ids(order: Order) -> set[int]:
    """The keys of the order's products."""
    return set(OrderProduct.objects.filter(order=order).values_list("product", flat=True))
