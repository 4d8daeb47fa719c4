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


def locked_source(source: Order) -> Order:
    """Lock the source of an order that is about to be made, and return it.

    Raises DomainError unless it is in force. Runs in the caller's transaction, which gives the
    places once the order is saved.
    """
    source = Order.objects.select_for_update(of=("self",)).get(pk=source.pk)
    _require_in_force(source, field="source")
    return source


def _require_in_force(source: Order, *, field: str) -> None:
    if not Order.objects.in_force(timezone.localdate()).filter(pk=source.pk).exists():
        raise DomainError(_("The source order isn't in force."), field=field, about=source)


def give(source: Order, order: Order, *, by: User) -> None:
    """Give the locked source's places to an order that was just carved from it and saved."""
    move(source, order, _size(order, order), by=by, reason=order.approval_comments)


def give_changed(source: Order, order: Order, terms: Terms, *, by: User, reason: str) -> None:
    """Give, or take back, what the new terms of a carved order change. Both orders are locked."""
    before, after = _size(order, order), _size(order, terms)
    if before is not None and (after is None or after > before):
        _require_in_force(source, field=_size_field(order))
    if before is None or after is None:
        if before != after:
            # To or from unlimited: the one goes back, the other is given.
            move(source, order, before and -before, by=by, reason=reason, back=True)
            move(source, order, after, by=by, reason=reason)
    elif before != after:
        move(source, order, after - before, by=by, reason=reason)


def _size(order: Order, terms: Any) -> int | None:
    """What an order of these terms has: codes, or students; None = unlimited."""
    return getattr(terms, _size_field(order))


def _size_field(order: Order) -> str:
    return "number_of_codes" if order.is_codes else "students"


def move(
    source: Order,
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
        field = "codes_given" if source.is_codes else "given"
        raise_all(_too_few_left(source, number))
        Order.objects.filter(pk=source.pk).update(**{field: F(field) + number})
        source.refresh_from_db(fields=[field, "seats_taken", "seats_available"])
    from_order, to_order = (order, source) if back else (source, order)
    return Transfer.objects.create(
        kind=TransferKind.TAKEN_BACK if back else TransferKind.GIVEN,
        from_order=from_order,
        to_order=to_order,
        number=number and abs(number),
        made_by=by,
        purchase_order=order.purchase_order,
        reason=reason,
    )


def _too_few_left(source: Order, number: int) -> Iterator[DomainError]:
    if source.unused is not None and number > source.unused:
        yield DomainError(
            _("The source order has %(left)d left, not %(number)d.")
            % {"left": source.unused, "number": number},
            field=_size_field(source),
            about=source,
        )


def check_room(
    source: Order, *, inventory_type: str, products: Collection[int], terms: Terms
) -> None:
    """Raise DomainError where `source`, as it is now, can't give an order of these terms."""
    why_not = no_room(source, inventory_type=inventory_type, products=products, terms=terms)
    raise_all(chain(why_not, already_ended(terms.finish_date)))


def no_room(
    source: Order, *, inventory_type: str, products: Collection[int], terms: Terms
) -> Iterator[DomainError]:
    """Why `source`, as it is now, can't give an order of these terms."""
    yield from outside(source, inventory_type=inventory_type, products=products, terms=terms)
    number = _size(source, terms)
    if number is not None:
        yield from _too_few_left(source, number)


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
    source: Order, *, inventory_type: str, products: Collection[int], terms: Terms
) -> Iterator[DomainError]:
    """Why an order of these terms would not lie inside `source`."""
    if inventory_type != source.inventory_type:
        yield DomainError(
            _("The source order is of the other inventory type."), field="source", about=source
        )
        return
    yield from outside_dates(source, terms.start_date, terms.finish_date)
    if not set(products) <= product_ids(source):
        yield DomainError(
            _("Not all of the products are on the source order."), field="products", about=source
        )
    if source.is_codes:
        if terms.users_per_code != source.users_per_code:
            yield DomainError(
                _("Users per code must be %(users)d, as on the source order.")
                % {"users": source.users_per_code},
                field="users_per_code",
                about=source,
            )
        if terms.duration and source.duration and terms.duration > source.duration:
            yield DomainError(
                _("The duration is at most %(days)d days, as on the source order.")
                % {"days": source.duration},
                field="duration",
                about=source,
            )
    elif source.students is not None and terms.students is None:
        yield DomainError(
            _("The source order is limited; it can't be given on as unlimited."),
            field="students",
            about=source,
        )


def outside_dates(source: Order, start: date | None, finish: date | None) -> Iterator[DomainError]:
    """Which of the dates lie outside `source`; None isn't looked at."""
    first, last = source.start_date, source.finish_date
    assert first and last  # approved
    for field, value in (("start_date", start), ("finish_date", finish)):
        if value and not first <= value <= last:
            yield DomainError(
                _("The source order runs from %(start)s to %(finish)s.")
                % {"start": first, "finish": last},
                field=field,
                about=source,
            )


def cutting_children(
    order: Order, *, products: Collection[int], terms: Terms
) -> Iterator[DomainError]:
    """Where a child of `order` would stick out of its new terms."""
    children = Order.objects.filter(source=order)
    yield from cutting_dates(order, terms.start_date, terms.finish_date)
    missing = OrderProduct.objects.filter(order__source=order).exclude(product__in=products)
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
    children = Order.objects.filter(source=order)
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
    taken, given = order.enrolled, order.given
    text = _("There can't be fewer places than are taken: %(taken)d by people, %(given)d given on.")
    if order.is_codes:
        taken, given = order.codes_created, order.codes_given
        text = _(
            "There can't be fewer codes than were created and given on: %(taken)d and %(given)d."
        )
    if size is None or size >= taken + given:
        return
    largest = Order.objects.filter(source=order).order_by(
        F(_size_field(order)).desc(nulls_last=True)
    )
    yield DomainError(
        text % {"taken": taken, "given": given},
        field=_size_field(order),
        about=largest.first() if given else None,
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
