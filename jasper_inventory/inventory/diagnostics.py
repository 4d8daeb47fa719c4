"""Why can't this be used? For an order, a code, a teacher or a student: the rules in order.

What is said of a typed code is held, by a test over all combinations, to what typing it does.
"""

from dataclasses import dataclass, field
from datetime import date, datetime

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

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
    """What was asked about, and its rules; `order` where one was found."""

    kind: str
    name: str
    rules: list[Rule] = field(default_factory=list)
    order: Order | None = None
    activation_code: ActivationCode | None = None
    enrollment: Enrollment | None = None
    # Of a group key: whom its rules name.
    teacher: User | None = None

    @property
    def waits(self) -> str:
        """Of a typed code: how long throttling may hold up whoever types it. Not looked up."""
        if self.enrollment is not None or not self.name:
            return ""
        return _(
            "After too many wrong codes a browser or account has to wait, %(wait)s at most; "
            "the page where the code is typed says how long. Other browsers aren't affected."
        ) % {"wait": in_words(longest_wait())}

    @property
    def first_failed(self) -> Rule | None:
        """The rule to mend first; None where all is well."""
        return failed(self.rules)


def explain_order(order: Order, today: date) -> Explanation:
    """Why nobody can join an order, redeem a code of it or start its courses."""
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
    """Why a typed code can't be used (by that person); it is looked up among codes of `orders`.

    A code of other orders is as unknown as one that was never given out. The teacher of a group
    key is not named to a `reader` whose organization doesn't hold the order.
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
        step=_("Compare it, character by character, with what was handed out."),
        who=_("who typed it"),
    )
    return Explanation(_("Code"), formatted(unknown), [rule])


def explain_enrollment(enrollment: Enrollment, order: Order, today: date) -> Explanation:
    """Why a teacher can't teach, or a student can't start, on an order."""
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
        # What it opened stays theirs, replaced or not.
        rules += [*in_force, *person_rules(used, today), linked_rule(used)]
    else:
        rules += [account_rule(user, order.assigned_to)] if user else []
        rules += [_not_replaced(code, order), *in_force]
        # The uses of a replaced one are the new one's.
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
        why=_("All %(users)d uses are taken.") % {"users": code.users},
        step=_("Hand out another code, or take a student off."),
        who=order.assigned_to,
    )


def _not_held(other: Enrollment) -> Rule:
    return Rule(
        name=_("%(person)s has no other code of the license") % {"person": other.user},
        passed=False,
        why=_("%(person)s has this license already, until %(day)s, by another code.")
        % {"person": other.user, "day": other.last_day},
        step=_("Keep this code for somebody else, or until then: typing it takes nothing."),
        who=other.user,
    )


def _explain_teacher_code(
    code: TeacherCode, orders: OrderQuerySet, today: date, user: User | None
) -> Explanation:
    chain = orders.filter(teacher_code=code).with_people()
    in_force = chain.in_force(today).order_by("-number").first()
    order = in_force or chain.order_by("-number").first()
    rules = [_known(order), *order_rules(order, today)]
    if user and (enrollment := _current(order, user, EnrollmentRole.TEACHER).first()):
        # Not whether the role was taken away: typing the code gives it again.
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
        step=_("Hand out the teacher code that the order has now: it stands under Edit."),
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
    """Whether places are left only for codes that were not created yet."""
    return order.codes_left > 0 and order.enrolled >= order.codes_created * order.users_per_code


def _held(
    code: ActivationCode, user: User, today: date
) -> tuple[Enrollment | None, Enrollment | None]:
    """What a person has by the code, running or ended; and what runs by another one of the order.

    Who was taken off, or whose time with another code is over, may redeem this one as anybody.
    """
    mine = _current(code.order, user, EnrollmentRole.STUDENT)
    used = mine.filter(redemption__code=code).first()
    latest = mine.filter(followed_at=None).first()
    runs = latest is not None and latest.last_day >= today
    return used, latest if runs and latest != used else None


def _current(order: Order, user: User, role: int) -> QuerySet[Enrollment]:
    """A person's enrollments on the order, the newest first."""
    mine = order.enrollments.current().filter(user=user, role=role)
    return mine.select_related("user", "order__assigned_to").order_by("-pk")
