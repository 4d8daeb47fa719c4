"""Rules for joining by a group key, for troubleshooting."""

from datetime import date

from django.utils.translation import gettext as _

from jasper_inventory.accounts.models import User
from jasper_inventory.inventory.person_rules import account_rule, on_license_rule
from licenses.checks import Party, Rule, newcomers_rules, order_rules
from licenses.models import Enrollment, EnrollmentRole, Order
from licenses.models.enrollments import EnrollmentQuerySet
from licenses.models.order_queryset import OrderQuerySet


def teaching_by(key: str, orders: OrderQuerySet, today: date) -> Enrollment | None:
    """Return the teacher's enrollment of a group key, on the newest order in force if any.

    For a former key, return its last enrollment.
    """
    teaching = _present(key).filter(order__in=orders)
    in_force = teaching.current().filter(order__in=orders.in_force(today))
    former = Enrollment.objects.led_to_by(key).filter(order__in=orders)
    return (
        in_force.order_by("-order_id").first()
        or teaching.order_by("-order_id").first()
        or former.order_by("-order_id").first()
    )


def group_key_rules(
    key: str, teaching: Enrollment, order: Order, today: date, user: User | None, teacher: Party
) -> list[Rule]:
    """Return the rules for typing the current or former key of `teaching` on `order`.

    `teacher` is the teacher's name in the rules.
    """
    rules = [_not_replaced(key, teaching, teacher), *order_rules(order, today)]
    rules.append(on_license_rule(teaching, teacher))
    if user is None:
        return rules + (_for_who_has_a_code(order) if order.is_codes else newcomers_rules(order))
    own = _not_own(key, user)
    rules += [account_rule(user, order.assigned_to), own]
    if not own.passed:
        return rules
    learns = _learns_there(key, user, today)
    if learns or order.is_codes:
        return [*rules, _has_activated(user, order, learns=learns)]
    return rules + newcomers_rules(order)


def _present(key: str) -> EnrollmentQuerySet:
    return Enrollment.objects.filter(group_key__key=key)


def _not_replaced(key: str, teaching: Enrollment, teacher: Party) -> Rule:
    present = teaching.group_key
    return Rule(
        name=_("The key was not replaced"),
        passed=present is not None and present.key == key,
        why=_("It was replaced by another one.")
        if present
        else _("Its teacher's account was erased."),
        step=_("Hand out the teacher's current key, shown on the teacher's Panel.")
        if present
        else _("Hand out another teacher's key."),
        who=teacher if present else teaching.order.assigned_to,
    )


def _for_who_has_a_code(order: Order) -> list[Rule]:
    """Return the rules for typing a key on an order with activation codes."""
    links = Rule(
        name=_("It links students who have activated a code of this license; it takes no seat"),
        passed=True,
    )
    return [links, *newcomers_rules(order)]


def _not_own(key: str, user: User) -> Rule:
    return Rule(
        name=_("It is not the group key of %(person)s") % {"person": user},
        passed=not _present(key).current().filter(user=user).exists(),
        why=_("It is %(person)s's own group key.") % {"person": user},
        step=_("Hand it out to students, who can use it."),
        who=user,
    )


def _learns_there(key: str, user: User, today: date) -> bool:
    """Return whether the person learns on an order of the key, so that the key only links."""
    usable = Order.objects.in_force(today).filter(pk__in=_present(key).current().values("order"))
    learning = Enrollment.objects.not_ended(today).filter(user=user, role=EnrollmentRole.STUDENT)
    return learning.filter(order__in=usable).exists()


def _has_activated(user: User, order: Order, *, learns: bool) -> Rule:
    return Rule(
        name=_("%(person)s already learns on the license") % {"person": user},
        passed=learns,
        why=_("%(person)s has not activated a code of this license, or its time is over.")
        % {"person": user},
        step=_("Activate an activation code first: the key only links."),
        who=user,
    )
