"""Troubleshooting of orders, codes, teachers and students: the rules they must meet, in order.

A test over all combinations checks that the explanation of a typed code matches what typing it
does.
"""

from dataclasses import dataclass, field
from datetime import date, datetime

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from activation_codes.models import ActivationCode
from jasper_inventory.accounts.models import Membership, User
from jasper_inventory.accounts.throttling import longest_wait
from jasper_inventory.inventory.code_lookup import why_unknown
from jasper_inventory.inventory.group_key_rules import group_key_rules, teaching_by
from jasper_inventory.inventory.person_rules import (
    account_rule,
    linked_rule,
    person_rules,
    using_rules,
)
from jasper_inventory.lib.code_format import KEY_LENGTH, code_in, formatted, typed_codes
from jasper_inventory.lib.waits import in_words
from licenses.checks import Rule, failed, joining_allowed, joining_rules, order_rules
from licenses.models import Enrollment, EnrollmentRole, Order, TeacherCode
from licenses.models.order_queryset import OrderQuerySet


@dataclass
class Explanation:
    """The explained subject with its rules, and its `order` if one was found."""

    kind: str
    name: str
    rules: list[Rule] = field(default_factory=list)
    order: Order | None = None
    activation_code: ActivationCode | None = None
    enrollment: Enrollment | None = None
    # The teacher of a group key, whom its rules name.
    teacher: User | None = None

    @property
    def waits(self) -> str:
        """The longest possible wait of throttling for someone who types the code, or ""."""
        if self.enrollment is not None or not self.name:
            return ""
        return _(
            "After too many wrong codes, a browser or account has to wait up to %(wait)s. "
            "The page where the code is typed shows how long. Other browsers aren't affected."
        ) % {"wait": in_words(longest_wait())}

    @property
    def first_failed(self) -> Rule | None:
        """The first rule that failed, or None."""
        return failed(self.rules)


def explain_order(order: Order, today: date) -> Explanation:
    """Explain why no one can join an order, redeem its codes or start its courses."""
    rules = [*order_rules(order, today), *_codes_rules(order), *joining_rules(order)]
    return Explanation(_("License"), "", rules, order)


def explain_code(
    typed: str,
    *,
    orders: OrderQuerySet,
    today: date,
    user: User | None = None,
    reader: Membership | None = None,
) -> Explanation:
    """Explain why a typed code of `orders` can't be used, by `user` if given.

    Codes of other orders are reported as unknown. The teacher of a group key isn't named to a
    `reader` whose organization doesn't hold the order.
    """
    code, key = code_in(typed), code_in(typed, KEY_LENGTH)
    if activation_code := ActivationCode.objects.filter(code=code, order__in=orders).first():
        return _explain_activation_code(activation_code, orders, today, user)
    if teacher_code := TeacherCode.objects.typed(code).filter(orders__in=orders).first():
        return _explain_teacher_code(teacher_code, orders, today, user)
    if order := orders.filter(events__teacher_code__code=code).order_by("-number").first():
        return _explain_replaced_teacher_code(code, order)
    if teaching := teaching_by(key, orders, today):
        order = orders.with_people().get(pk=teaching.order_id)
        named = reader is None or order.assigned_to_id == reader.organization_id
        teacher = teaching.user if named else None
        called = teacher or _("The teacher")
        rules = [_known(order), *group_key_rules(key, teaching, order, today, user, called)]
        return Explanation(_("Group key"), formatted(key), rules, order, teacher=teacher)
    unknown = typed_codes(typed)[0]
    rule = Rule(
        name=_("The code is known"),
        passed=False,
        why=why_unknown(unknown),
        step=_("Compare it, character by character, with the original code."),
        who=_("the person who typed it"),
    )
    return Explanation(_("Code"), formatted(unknown), [rule])


def explain_enrollment(enrollment: Enrollment, order: Order, today: date) -> Explanation:
    """Explain why a teacher can't teach, or a student can't start courses, on an order."""
    kind = enrollment.get_role_display()
    rules = [*order_rules(order, today), *using_rules(enrollment, today)]
    return Explanation(kind, str(enrollment.user), rules, order, enrollment=enrollment)


def _explain_activation_code(
    code: ActivationCode, orders: OrderQuerySet, today: date, user: User | None
) -> Explanation:
    order = orders.with_people().get(pk=code.order_id)
    used, other = _held(code, user, today) if user else (None, None)
    in_force = order_rules(order, today)
    rules = [_known(order)]
    if other:
        rules += [account_rule(other.user, order.assigned_to), _not_held(other), *in_force]
    elif used:
        # Access stays valid even if the code was replaced.
        rules += [*in_force, *person_rules(used, today), linked_rule(used)]
    else:
        rules += [account_rule(user, order.assigned_to)] if user else []
        rules += [_not_replaced(code, order), *in_force]
        # The remaining uses of a replaced code belong to the new one.
        rules += [_use_left(code, order)] if code.replacement_id is None else []
        rules += joining_rules(order)
    return Explanation(_("Activation code"), str(code), rules, order, code)


def _not_replaced(code: ActivationCode, order: Order) -> Rule:
    return Rule(
        name=_("The code was not replaced"),
        passed=code.replacement_id is None,
        why=_("It was replaced on %(day)s.") % {"day": _day_of(code.replaced_at)},
        step=_("Hand out the code that replaced it: Download Codes has it."),
        who=order.assigned_to,
    )


def _use_left(code: ActivationCode, order: Order) -> Rule:
    return Rule(
        name=_("A use of the code is left"),
        passed=code.used < code.users,
        why=ngettext("Its only use is taken.", "All %(users)d uses are taken.", code.users)
        % {"users": code.users},
        step=_("Hand out another code, or remove a student."),
        who=order.assigned_to,
    )


def _not_held(other: Enrollment) -> Rule:
    return Rule(
        name=_("%(person)s has no other code of the license") % {"person": other.user},
        passed=False,
        why=_("%(person)s already has this license until %(day)s with another code.")
        % {"person": other.user, "day": other.last_day},
        step=_("Keep this code for someone else or for later. Typing it now doesn't use it."),
        who=other.user,
    )


def _explain_teacher_code(
    code: TeacherCode, orders: OrderQuerySet, today: date, user: User | None
) -> Explanation:
    chain = orders.filter(teacher_code=code).with_people()
    in_force = chain.in_force(today).order_by("-number").first()
    order = in_force or chain.order_by("-number")[0]
    rules = [_known(order), *order_rules(order, today)]
    if user and (enrollment := _current(order, user, EnrollmentRole.TEACHER).first()):
        # The role isn't checked, because typing the code grants it again.
        rules += person_rules(enrollment, today)
    else:
        rules += [account_rule(user, order.assigned_to)] if user else []
        rules.append(joining_allowed(order))
    return Explanation(_("Teacher code"), str(code), rules, order)


def _explain_replaced_teacher_code(code: str, order: Order) -> Explanation:
    replaced = Rule(
        name=_("The code was not replaced"),
        passed=False,
        why=_("It was replaced by another one."),
        step=_("Hand out the order's current teacher code, shown under Edit."),
        who=order.assigned_to,
    )
    return Explanation(_("Teacher code"), formatted(code), [_known(order), replaced], order)


def _day_of(moment: datetime | None) -> str:
    return date_format(timezone.localdate(moment)) if moment else ""


def _known(order: Order) -> Rule:
    return Rule(
        name=_("The code is known: it belongs to order %(order)s of %(holder)s")
        % {"order": order, "holder": order.assigned_to},
        passed=True,
    )


def _codes_rules(order: Order) -> list[Rule]:
    if not order.is_codes:
        return []
    return [
        Rule(
            name=_("Its codes were created"),
            passed=order.codes_created > 0 and not _waits_for_codes(order),
            why=_("No codes were created yet.")
            if not order.codes_created
            else _("All uses of those created are taken; %(number)d more can be created.")
            % {"number": order.codes_left},
            step=_("Create Codes, in the window User Activation Codes."),
            who=order.assigned_to,
        )
    ]


def _waits_for_codes(order: Order) -> bool:
    """Return whether seats are left only for codes that haven't been created yet."""
    usable = order.codes_created * (order.users_per_code or 1)
    return order.codes_left > 0 and order.enrolled >= usable


def _held(
    code: ActivationCode, user: User, today: date
) -> tuple[Enrollment | None, Enrollment | None]:
    """Return a person's enrollment by this code, and a running one by another code of the order.

    People who were removed, or whose time with another code is over, may redeem this code.
    """
    mine = _current(code.order, user, EnrollmentRole.STUDENT)
    used = mine.filter(redemption__code=code).first()
    latest = mine.filter(followed_at=None).first()
    runs = latest is not None and latest.last_day >= today
    return used, latest if runs and latest != used else None


def _current(order: Order, user: User, role: int) -> QuerySet[Enrollment]:
    """Return a person's enrollments on the order, newest first."""
    mine = order.enrollments.current().filter(user=user, role=role)
    return mine.select_related("user", "order__assigned_to").order_by("-pk")
