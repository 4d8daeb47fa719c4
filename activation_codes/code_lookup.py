"""Lookup of what a typed code opens for a person, before any of it is used.

All refusals read alike to someone who may be guessing, whether the code is unknown, replaced, used
up, ended or suspended. Only people on the code's license get the real reason. A code that exists
never counts as a guess, so `Unknown` differs from the other refusals, but only by its type.
"""

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, TypedDict

from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from activation_codes.code_check import is_well_formed
from activation_codes.models import ActivationCode, Redemption
from activation_codes.typing_errors import no_activation_code, no_group_key, no_teacher_code
from jasper_inventory.accounts.models import User
from jasper_inventory.lib.code_format import (
    KEY_LENGTH,
    LENGTH,
    code_in,
    codes_in,
    formatted,
    is_key,
)
from jasper_inventory.lib.days import in_words
from jasper_inventory.lib.exceptions import DomainError
from licenses.models import (
    Enrollment,
    EnrollmentRole,
    GroupKey,
    InventoryType,
    Order,
    Product,
    TeacherCode,
)
from licenses.models.order_queryset import OrderQuerySet
from licenses.models.order_status import SEAT_LEFT

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations


class Mistyped(DomainError):
    """A text that can't be a code of this kind. It isn't looked up and is no guess."""


class Refused(DomainError):
    """The code opens nothing for this person."""


class Unknown(Refused):
    """The code never existed: a guess, unless it is a code of another kind."""


class NeedsActivation(Refused):
    """The group key exists, but its order's students must activate a code first."""


class HeldAlready(DomainError):
    """The person already has what the code opens; the code isn't used."""


@dataclass(frozen=True)
class Offer:
    """What a code opens for a person."""

    code: str
    order: Order
    products: list[Product]
    ends_on: date | None
    teacher: User | None = None


def activation_offer(typed: str, user: User | None) -> Offer:
    """Return what an activation code opens; raise what `usable_code` raises."""
    code = usable_code(typed, user, whole_order=True)
    order = code.order
    own_last_day = order.own_last_day(timezone.localdate())
    return Offer(
        code=str(code),
        order=order,
        products=products_of(order),
        ends_on=min(own_last_day or order.last_day, order.last_day),
    )


class _Facts(TypedDict):
    """What `_looked_up` annotates."""

    is_open: bool
    has_latest: bool
    latest_ends_on: date | None
    used_by_me: bool


if TYPE_CHECKING:
    LookedUp = WithAnnotations[ActivationCode, _Facts]
else:
    LookedUp = ActivationCode


def usable_code(typed: str, user: User | None, *, whole_order: bool = False) -> ActivationCode:
    """Return the activation code that a person typed and may redeem, with one query.

    Its order has only the fields that redeeming needs, unless a page needs the whole order.
    Raise Mistyped, Refused or HeldAlready; for people on the license, DomainError with the reason.
    """
    today = timezone.localdate()
    code = _looked_up(typed_code(typed), user, today, whole_order=whole_order)
    if code is None:
        raise Unknown(refusal_of_activation())
    until = code.order.last_day
    if code.latest_ends_on is not None:
        until = min(code.latest_ends_on, until)
    if code.has_latest and until >= today:
        raise HeldAlready(
            _("You already have access until %(day)s. The code was not used.")
            % {"day": in_words(until)}
        )
    if code.used_by_me:
        raise DomainError(
            _("You already used this code, and your access has ended. Ask for another code.")
        )
    if not code.is_open or code.used >= code.users:
        if code.has_latest:
            raise DomainError(_real_reason(code, today))
        raise Refused(refusal_of_activation())
    return code


def typed_code(typed: str) -> str:
    """Return the activation code that a person typed, as stored; raise Mistyped if it is none."""
    typed_codes = codes_in(typed)
    text = next((code for code in typed_codes if is_well_formed(code)), None)
    if text is None:
        raise Mistyped(no_activation_code(typed_codes[0]))
    return text


def refusal_of_activation() -> str:
    """The only message about activation codes that open nothing."""
    return _(
        "This code isn't valid. It may be mistyped, already used, or its license may not be "
        "active. Check the code, or ask your teacher."
    )


def refusal_of_group_key() -> str:
    """The only message about group keys that open nothing."""
    return _(
        "This group key isn't valid. It may be mistyped or replaced, or its license may have no "
        "free seats. If you also have an activation code, activate it first. Otherwise, ask your "
        "teacher."
    )


def refusal_of_teacher_code() -> str:
    """The only message about teacher codes that open nothing."""
    return _(
        "This teacher code isn't valid. It may be mistyped or replaced, or its license may not be "
        "active. Check the code, or ask your center administrator."
    )


# What redeeming needs to know of a code and its order.
_CODE_FIELDS = ("order", "code", "users", "used")
_ORDER_FIELDS = ("number", "inventory_type", "finish_date", "joining_paused_at")


def _looked_up(text: str, user: User | None, today: date, *, whole_order: bool) -> LookedUp | None:
    """Return the code with everything that `usable_code` checks, in one query."""
    pk = user.pk if user else 0
    mine = Enrollment.objects.not_followed().filter(
        order=OuterRef("order"), user=pk, role=EnrollmentRole.STUDENT
    )
    redeemed = Redemption.objects.by_person(pk).filter(code=OuterRef("pk"))
    codes: QuerySet[ActivationCode] = ActivationCode.objects.filter(code=text)
    annotated = codes.annotate(
        is_open=Exists(Order.objects.open_to_join(today).filter(pk=OuterRef("order"))),
        has_latest=Exists(mine),
        latest_ends_on=Subquery(mine.values("ends_on")[:1]),
        used_by_me=Exists(redeemed),
    )
    if whole_order:
        return annotated.select_related("order__assigned_to").first()
    fields = (*_CODE_FIELDS, *(f"order__{name}" for name in _ORDER_FIELDS))
    return annotated.select_related("order").only(*fields).first()


def _real_reason(code: LookedUp, today: date) -> str:
    if code.is_open:
        return _("This code has no uses left. Ask your teacher for another code.")
    if code.order.joining_paused_at is not None:
        return _("Enrollment on this license is paused. Ask your teacher.")
    return _("This license can't be used now. Its status is %(status)s.") % {
        "status": code.order.status_on(today).label
    }


def group_key_offer(typed: str, user: User | None) -> Offer:
    """Return what a group key opens; raise Mistyped or Refused, except for people already there."""
    text = code_in(typed, KEY_LENGTH)
    if not is_key(text):
        raise Mistyped(no_group_key(text))
    today = timezone.localdate()
    teaching = Enrollment.objects.current().filter(role=EnrollmentRole.TEACHER)
    # Nested twice: in a query of orders, which is in the query of keys.
    with_key = teaching.filter(group_key=OuterRef(OuterRef("pk")))
    of_key = Order.objects.in_force(today).filter(Exists(with_key.filter(order=OuterRef("pk"))))
    of_key = of_key.order_by("-pk")
    mine = Enrollment.objects.current().filter(user=user.pk if user else 0)
    learning = mine.not_ended(today).filter(order=OuterRef("pk"), role=EnrollmentRole.STUDENT)
    keys = GroupKey.objects.filter(key=text).annotate(
        newest=Subquery(of_key.values("pk")[:1]),
        learns_on=Subquery(of_key.filter(Exists(learning)).values("pk")[:1]),
        is_there=Exists(mine.filter(order__in=with_key.values("order"))),
    )
    codes = Order.objects.in_force(today).filter(inventory_type=InventoryType.USER_ACTIVATION_CODES)
    key = keys.annotate(
        has_seat=Exists(_with_seat(today).filter(pk=OuterRef("newest"))),
        needs_code=Exists(codes.filter(pk=OuterRef("newest"))),
    ).first()
    if key is None and not GroupKey.objects.filter(events__key=text).exists():
        raise Unknown(refusal_of_group_key())
    if key and key.needs_code and not (key.learns_on or key.is_there):
        raise NeedsActivation(_("This key is right. Enter your activation code first."))
    if key is None or not (key.has_seat or key.learns_on or key.is_there):
        raise Refused(refusal_of_group_key())
    teaching = teaching.filter(group_key=key)
    orders = Order.objects.filter(pk__in=teaching.values("order"))
    if key.learns_on and not key.has_seat:
        orders = orders.filter(pk=key.learns_on)
    order = _newest(orders, today)
    teacher = teaching.select_related("user").get(order=order).user
    return _offer_of(order, text, user, teacher=teacher)


def teacher_of(key: str) -> User | None:
    """Return the teacher who has this group key now, if any."""
    teaching = Enrollment.objects.current().filter(role=EnrollmentRole.TEACHER, group_key__key=key)
    newest = teaching.select_related("user").order_by("-order").first()
    return newest.user if newest else None


def _with_seat(today: date) -> OrderQuerySet:
    """Return the orders where a group key takes a seat."""
    return Order.objects.open_to_join(today).filter(
        SEAT_LEFT, inventory_type=InventoryType.CENTER_LICENSE
    )


def teacher_code_offer(typed: str, user: User | None) -> Offer:
    """Return what a teacher code opens; raise Mistyped or Refused, except for its teachers."""
    text = code_in(typed)
    if len(text) != LENGTH:
        raise Mistyped(no_teacher_code(text))
    today = timezone.localdate()
    in_force = Order.objects.in_force(today).filter(teacher_code=OuterRef("pk"))
    teaching = Enrollment.objects.current().filter(
        order__teacher_code=OuterRef("pk"), user=user.pk if user else 0, role=EnrollmentRole.TEACHER
    )
    typed_codes: QuerySet[TeacherCode] = TeacherCode.objects.typed(text)
    codes = typed_codes.annotate(
        newest=Subquery(in_force.order_by("-pk").values("pk")[:1]), is_there=Exists(teaching)
    )
    usable = Order.objects.open_to_join(today).filter(pk=OuterRef("newest"))
    code = codes.annotate(usable=Exists(usable)).first()
    if code is None:
        raise Unknown(refusal_of_teacher_code())
    if not (code.usable or code.is_there):
        raise Refused(refusal_of_teacher_code())
    return _offer_of(_newest(Order.objects.filter(teacher_code=code), today), code.code, user)


def _newest(orders: OrderQuerySet, today: date) -> Order:
    """Return the newest order in force, or the newest if none is."""
    orders = orders.select_related("assigned_to").order_by("-pk")
    return orders.in_force(today).first() or orders[0]


def _offer_of(order: Order, text: str, user: User | None, teacher: User | None = None) -> Offer:
    return Offer(
        code=formatted(text),
        order=order,
        products=products_of(order),
        ends_on=_last_day_of(user, order),
        teacher=teacher,
    )


def _last_day_of(user: User | None, order: Order) -> date | None:
    """Return the order's last day, or the person's own last day if it is earlier."""
    own = Enrollment.objects.not_followed().filter(order=order, user=user.pk if user else 0)
    earlier = own.filter(ends_on__lt=order.finish_date).values_list("ends_on", flat=True).first()
    return earlier or order.finish_date


def products_of(order: Order) -> list[Product]:
    """Return an order's product mix in catalog order."""
    return list(order.products.select_related("family"))
