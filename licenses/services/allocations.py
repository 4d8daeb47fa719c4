"""Keeps an order within its parent order: seats, dates, products and the other terms."""

from collections.abc import Collection, Iterator
from datetime import date
from itertools import chain

from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from jasper_inventory.accounts.models import User
from jasper_inventory.lib.exceptions import DomainError, raise_all
from licenses.models import Order, OrderProduct, Transfer, TransferKind
from licenses.terms import LAST_DAY, Terms


def locked_parent(parent: Order) -> Order:
    """Lock and return the parent of an order that is about to be created.

    Raises DomainError unless it is in force. Runs in the caller's transaction, which allocates
    the seats once the order is saved.
    """
    parent = Order.objects.select_for_update(of=("self",)).get(pk=parent.pk)
    _require_in_force(parent, field="parent")
    return parent


def _require_in_force(parent: Order, *, field: str) -> None:
    if not Order.objects.in_force(timezone.localdate()).filter(pk=parent.pk).exists():
        raise DomainError(_("The parent order isn't in force."), field=field, about=parent)


def allocate(parent: Order, order: Order, *, by: User) -> None:
    """Allocate the locked parent's seats to an order that was just created and saved."""
    move(parent, order, _size(order, order), by=by, reason=order.approval_comments)


def allocate_changed(parent: Order, order: Order, terms: Terms, *, by: User, reason: str) -> None:
    """Allocate or reclaim what an order's new terms change. Both orders must be locked."""
    before, after = _size(order, order), _size(order, terms)
    if before is not None and (after is None or after > before):
        _require_in_force(parent, field=_size_field(order))
    if before is None or after is None:
        if before != after:
            # To or from unlimited: reclaim the old terms, then allocate the new ones.
            move(parent, order, before and -before, by=by, reason=reason, back=True)
            move(parent, order, after, by=by, reason=reason)
    elif before != after:
        move(parent, order, after - before, by=by, reason=reason)


def _size(order: Order, terms: Terms | Order) -> int | None:
    """Return the number of codes or students in the terms; None = unlimited."""
    return terms.number_of_codes if order.is_codes else terms.students


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
    """Move seats (or codes) between two orders, and record the transfer.

    Nothing else moves seats between orders. The caller has locked both. A negative number
    reclaims. None means unlimited, which uses no seats; it is allocated or, with `back`, reclaimed.
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
            _("The parent order has only %(left)s left; this needs %(number)s.")
            % {"left": f"{parent.unused:,}", "number": f"{number:,}"},
            field=_size_field(parent),
            about=parent,
        )


def check_room(
    parent: Order, *, inventory_type: str, products: Collection[int], terms: Terms
) -> None:
    """Raise DomainError if `parent`, as it is now, can't fill an order with these terms."""
    why_not = no_room(parent, inventory_type=inventory_type, products=products, terms=terms)
    raise_all(chain(why_not, already_ended(terms.finish_date)))


def no_room(
    parent: Order, *, inventory_type: str, products: Collection[int], terms: Terms
) -> Iterator[DomainError]:
    """Yield the reasons why `parent`, as it is now, can't fill an order with these terms."""
    yield from outside(parent, inventory_type=inventory_type, products=products, terms=terms)
    number = _size(parent, terms)
    if number is not None:
        yield from _too_few_left(parent, number)


def swapped_dates(start: date | None, finish: date | None) -> Iterator[DomainError]:
    """Yield what is wrong with the dates of any order; None is not checked."""
    if start and finish and start > finish:
        yield DomainError(_("The finish date is before the start date."), field="finish_date")
    for field, day in (("start_date", start), ("finish_date", finish)):
        if day and day > LAST_DAY:
            yield DomainError(
                _("Enter a date no later than %(day)s.") % {"day": LAST_DAY}, field=field
            )


def already_ended(finish: date | None) -> Iterator[DomainError]:
    """Yield an error if the finish date is in the past, as no one could use the license."""
    today = timezone.localdate()
    if finish and finish < today:
        yield DomainError(
            _("This date is in the past; today is %(today)s.") % {"today": today},
            field="finish_date",
        )


def outside(
    parent: Order, *, inventory_type: str, products: Collection[int], terms: Terms
) -> Iterator[DomainError]:
    """Yield the reasons why an order with these terms would not fit within `parent`."""
    if inventory_type != parent.inventory_type:
        yield DomainError(
            _("The parent order has a different inventory type."), field="parent", about=parent
        )
        return
    yield from outside_dates(parent, terms.start_date, terms.finish_date)
    if not set(products) <= product_ids(parent):
        yield DomainError(
            _("Not all of these products are on the parent order."), field="products", about=parent
        )
    if parent.is_codes:
        if terms.users_per_code != parent.users_per_code:
            yield DomainError(
                _("Users per code must be %(users)d, as on the parent order.")
                % {"users": parent.users_per_code},
                field="users_per_code",
                about=parent,
            )
        if terms.duration and parent.duration and terms.duration > parent.duration:
            yield DomainError(
                _("The duration must be at most %(days)d days, as on the parent order.")
                % {"days": parent.duration},
                field="duration",
                about=parent,
            )
    elif parent.students is not None and terms.students is None:
        yield DomainError(
            _("The parent order is limited, so this license can't be unlimited. Enter a number."),
            field="students",
            about=parent,
        )


def outside_dates(parent: Order, start: date | None, finish: date | None) -> Iterator[DomainError]:
    """Yield the dates that are outside `parent`; None is not checked."""
    first, last = parent.start_date, parent.finish_date
    assert first and last  # approved
    for field, value in (("start_date", start), ("finish_date", finish)):
        if value and not first <= value <= last:
            yield DomainError(
                _("The parent order runs from %(start)s to %(finish)s. Choose a date in between.")
                % {"start": first, "finish": last},
                field=field,
                about=parent,
            )


def cutting_children(
    order: Order, *, products: Collection[int], terms: Terms
) -> Iterator[DomainError]:
    """Yield the reasons why the children of `order` would not fit within its new terms."""
    children = Order.objects.filter(parent=order)
    yield from cutting_dates(order, terms.start_date, terms.finish_date)
    missing = OrderProduct.objects.filter(order__parent=order).exclude(product__in=products)
    if held := missing.select_related("order").order_by("order").first():
        yield DomainError(
            _("An order allocated from this one has a product that you removed."),
            field="products",
            about=held.order,
        )
    if order.is_codes:
        yield from _cutting_codes(order, children, terms)
    elif terms.students is not None and (unlimited := children.filter(students=None).first()):
        yield DomainError(
            _("An order allocated from this one is unlimited, so this one must stay unlimited."),
            field="students",
            about=unlimited,
        )


def cutting_dates(order: Order, start: date | None, finish: date | None) -> Iterator[DomainError]:
    """Yield the new dates that an order's children forbid; None is not checked."""
    children = Order.objects.filter(parent=order)
    if finish:
        yield from _revived(order, children, finish)
    early = start and children.filter(start_date__lt=start).order_by("start_date").first()
    if early:
        yield DomainError(
            _("An order allocated from this one starts on %(day)s.") % {"day": early.start_date},
            field="start_date",
            about=early,
        )
    late = finish and children.filter(finish_date__gt=finish).order_by("-finish_date").first()
    if late:
        yield DomainError(
            _("An order allocated from this one finishes on %(day)s.") % {"day": late.finish_date},
            field="finish_date",
            about=late,
        )


def _cutting_codes(order: Order, children: QuerySet[Order], terms: Terms) -> Iterator[DomainError]:
    if terms.users_per_code != order.users_per_code and (child := children.first()):
        yield DomainError(
            _("Orders allocated from this one have the same users per code."),
            field="users_per_code",
            about=child,
        )
    shorter = Q() if terms.duration is None else Q(duration__gt=terms.duration)
    if shorter and (long := children.filter(shorter).order_by("-duration").first()):
        yield DomainError(
            _("An order allocated from this one has a duration of %(days)d days.")
            % {"days": long.duration},
            field="duration",
            about=long,
        )


def fewer_than_taken(order: Order, terms: Terms) -> Iterator[DomainError]:
    """Yield an error if the order would have fewer seats or codes than are taken."""
    size = _size(order, terms)
    taken, allocated = order.enrolled, order.allocated
    text = _(
        "This is fewer than the seats in use (%(taken)s) and allocated (%(allocated)s) together."
    )
    if order.is_codes:
        taken, allocated = order.codes_created, order.codes_allocated
        text = _(
            "This is fewer than the codes created (%(taken)s) and allocated (%(allocated)s) "
            "together."
        )
    if size is None or size >= taken + allocated:
        return
    largest = Order.objects.filter(parent=order).order_by(
        F(_size_field(order)).desc(nulls_last=True)
    )
    yield DomainError(
        text % {"taken": f"{taken:,}", "allocated": f"{allocated:,}"},
        field=_size_field(order),
        about=largest.first() if allocated else None,
    )


def _revived(order: Order, children: QuerySet[Order], finish: date) -> Iterator[DomainError]:
    """Yield an error if an ended order would restart after a holder of its children moved away."""
    assert order.finish_date  # approved
    if not order.finish_date < timezone.localdate() <= finish:
        return
    holder = order.assigned_to
    below = {"assigned_to__path__startswith": holder.path, "assigned_to__depth": holder.depth + 1}
    gone = children.exclude(**below).select_related("assigned_to").first()
    if gone is not None:
        yield DomainError(
            _("%(organization)s, which holds part of it, is no longer under %(holder)s.")
            % {"organization": gone.assigned_to, "holder": holder},
            field="finish_date",
        )


def product_ids(order: Order) -> set[int]:
    """Return the keys of the order's products."""
    return set(OrderProduct.objects.filter(order=order).values_list("product", flat=True))
