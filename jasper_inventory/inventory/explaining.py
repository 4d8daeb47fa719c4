"""Why can't this be used? For an order, a code, a teacher or a student: the rules in order."""

from dataclasses import dataclass, field
from datetime import date, datetime

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from activation_codes.models import ActivationCode
from activation_codes.settings import settings_of
from activation_codes.starting import is_linked
from jasper_inventory.accounts.models import User
from jasper_inventory.inventory.find_code import why_unknown
from jasper_inventory.lib.codes import KEY_LENGTH, code_in, formatted
from licenses.explaining import (
    Rule,
    failed,
    has_time_left,
    is_on_license,
    joining_allowed,
    joining_rules,
    order_rules,
)
from licenses.models import Enrolment, EnrolmentRole, Order, TeacherCode
from licenses.models.order_queries import OrderQuerySet


@dataclass
class Explanation:
    """What was asked about, and its rules; `order` where one was found."""

    kind: str
    name: str
    rules: list[Rule] = field(default_factory=list)
    order: Order | None = None
    activation_code: ActivationCode | None = None
    enrolment: Enrolment | None = None

    @property
    def first_failed(self) -> Rule | None:
        """The rule to mend first; None where all is well."""
        return failed(self.rules)


def explain_order(order: Order, today: date) -> Explanation:
    """Why nobody can join an order, redeem a code of it or start its courses."""
    rules = [*order_rules(order, today), *_codes_rules(order), *joining_rules(order)]
    return Explanation(_("License"), "", rules, order)


def explain_code(
    typed: str, *, orders: OrderQuerySet, today: date, user: User | None = None
) -> Explanation:
    """Why a typed code can't be used (by that person); it is looked up among codes of `orders`.

    A code of other orders is as unknown as one that was never given out.
    """
    code = code_in(typed)
    if activation_code := ActivationCode.objects.filter(code=code, order__in=orders).first():
        return _explain_activation_code(activation_code, orders, today, user)
    if teacher_code := TeacherCode.objects.filter(code=code, orders__in=orders).first():
        return _explain_teacher_code(teacher_code, orders, today, user)
    if order := orders.filter(events__teacher_code__code=code).order_by("-number").first():
        return _explain_replaced_teacher_code(code, order)
    if teaching := _teaching(code_in(typed, KEY_LENGTH), orders, today):
        return _explain_group_key(teaching, orders, today, user)
    unknown = Rule(
        name=_("The code is known"),
        passed=False,
        why=why_unknown(code),
        step=_("Compare it, sign by sign, with what was handed out."),
        who=_("who typed it"),
    )
    return Explanation(_("Code"), formatted(code), [unknown])


def explain_enrolment(enrolment: Enrolment, order: Order, today: date) -> Explanation:
    """Why a teacher can't teach, or a student can't start, on an order."""
    kind = enrolment.get_role_display()
    rules = [*order_rules(order, today), *_person_rules(enrolment, today)]
    return Explanation(kind, str(enrolment.user), rules, order, enrolment=enrolment)


def _explain_activation_code(
    code: ActivationCode, orders: OrderQuerySet, today: date, user: User | None
) -> Explanation:
    order = orders.with_people().get(pk=code.order_id)
    replaced = Rule(
        name=_("The code was not replaced"),
        passed=code.replacement_id is None,
        why=_("It was replaced on %(day)s.") % {"day": _day_of(code.replaced_at)},
        step=_("Hand out the code that replaced it: Download Codes has it."),
        who=order.assigned_to,
    )
    rules = [_known(order), replaced, *order_rules(order, today)]
    if user and (enrolment := _held(code, user, today)):
        rules += _person_rules(enrolment, today)
    else:
        left = Rule(
            name=_("A use of the code is left"),
            passed=code.used < code.users,
            why=_("All %(users)d uses are taken.") % {"users": code.users},
            step=_("Hand out another code, or take a student off."),
            who=order.assigned_to,
        )
        # The uses of a replaced one are the new one's.
        rules += [*([left] if replaced.passed else []), *joining_rules(order)]
    return Explanation(_("Activation code"), str(code), rules, order, code)


def _explain_teacher_code(
    code: TeacherCode, orders: OrderQuerySet, today: date, user: User | None
) -> Explanation:
    chain = orders.filter(teacher_code=code).with_people()
    in_force = chain.in_force(today).order_by("-number").first()
    order = in_force or chain.order_by("-number").first()
    rules = [_known(order), *order_rules(order, today)]
    if user and (enrolment := _current(order, user, EnrolmentRole.TEACHER).first()):
        rules += _person_rules(enrolment, today)
    else:
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


def _teaching(key: str, orders: OrderQuerySet, today: date) -> Enrolment | None:
    """The teacher's enrolment that a group key leads to: on the newest order in force, if any."""
    teaching = Enrolment.objects.filter(group_key__key=key, order__in=orders)
    current = teaching.current().filter(order__in=orders.in_force(today))
    return current.order_by("-order").first() or teaching.order_by("-order").first()


def _explain_group_key(
    teaching: Enrolment, orders: OrderQuerySet, today: date, user: User | None
) -> Explanation:
    order = orders.with_people().get(pk=teaching.order_id)
    rules = [_known(order), *order_rules(order, today), *_person_rules(teaching, today)]
    student = user and _current(order, user, EnrolmentRole.STUDENT).first()
    if student:
        rules += _person_rules(student, today)
    elif not order.is_codes:
        rules += joining_rules(order)
    return Explanation(_("Group key"), str(teaching.group_key), rules, order)


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


def _held(code: ActivationCode, user: User, today: date) -> Enrolment | None:
    """What decides for a person: what runs by any code of the order, or ended by this one.

    Who was taken off, or whose time with another code is over, may redeem this one as anybody.
    """
    mine = _current(code.order, user, EnrolmentRole.STUDENT)
    return mine.not_ended(today).first() or mine.filter(redemption__code=code).first()


def _current(order: Order, user: User, role: int) -> QuerySet[Enrolment]:
    """A person's enrolments on the order, the newest first."""
    return order.enrolments.current().filter(user=user, role=role).order_by("-pk")


def _person_rules(enrolment: Enrolment, today: date) -> list[Rule]:
    holder = enrolment.order.assigned_to
    rules = [
        Rule(
            name=_("%(person)s is on the license") % {"person": enrolment.user},
            passed=is_on_license(enrolment),
            why=_("%(person)s was taken off.") % {"person": enrolment.user},
            step=_("Undo it while there is room, or join again."),
            who=holder,
        ),
        Rule(
            name=_("The time of %(person)s is not over") % {"person": enrolment.user},
            passed=has_time_left(enrolment, today),
            why=_("It ended on %(day)s.") % {"day": enrolment.ends_on},
            step=_("Redeem another activation code."),
            who=enrolment.user,
        ),
    ]
    if enrolment.role == EnrolmentRole.STUDENT:
        rules.append(_linked(enrolment))
    return rules


def _linked(enrolment: Enrolment) -> Rule:
    return Rule(
        name=_("%(person)s is linked to a teacher, where that is asked for")
        % {"person": enrolment.user},
        passed=is_linked(enrolment, settings_of(enrolment.order)),
        why=_("%(person)s is not linked to a teacher.") % {"person": enrolment.user},
        step=_("Link to a teacher, at My Courses."),
        who=enrolment.user,
    )
