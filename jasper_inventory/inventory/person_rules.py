"""What must hold of a person who teaches or learns on an order, or wants to."""

from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from activation_codes.courses import is_linked
from activation_codes.settings import settings_of
from jasper_inventory.accounts.models import Membership, Role, User
from licenses.checks import Rule, has_time_left, is_on_license
from licenses.models import Enrollment


def account_rule(user: User, holder: Any) -> Rule:
    """Who can't sign in can type nothing and start nothing."""
    erased = user.erased_at is not None
    return Rule(
        name=_("%(person)s can sign in") % {"person": user},
        passed=user.is_active,
        why=_("The account was erased.") if erased else _("The account was switched off."),
        step=_("Give the place to somebody else.") if erased else _("Switch the account on."),
        who=holder if erased else _("CCI Learning"),
    )


def person_rules(enrollment: Enrollment, today: date) -> list[Rule]:
    """Of everybody who is on an order, or was."""
    holder = enrollment.order.assigned_to
    return [
        account_rule(enrollment.user, holder),
        on_license_rule(enrollment),
        Rule(
            name=_("The time of %(person)s is not over") % {"person": enrollment.user},
            passed=has_time_left(enrollment, today),
            why=_("It ended on %(day)s.") % {"day": enrollment.ends_on},
            step=_("Redeem another activation code."),
            who=enrollment.user,
        ),
    ]


def on_license_rule(enrollment: Enrollment, called: Any = "") -> Rule:
    """Whether the person, by name or as they are `called` here, was not taken off."""
    person = called or enrollment.user
    return Rule(
        name=_("%(person)s is on the license") % {"person": person},
        passed=is_on_license(enrollment),
        why=_("%(person)s was taken off.") % {"person": person},
        step=_("Undo it while there is room, or join again."),
        who=enrollment.order.assigned_to,
    )


def using_rules(enrollment: Enrollment, today: date) -> list[Rule]:
    """Of who is on an order and wants to teach there, or to start its courses."""
    last = teacher_role_rule(enrollment) if enrollment.is_teacher else linked_rule(enrollment)
    return [*person_rules(enrollment, today), last]


def teacher_role_rule(enrollment: Enrollment) -> Rule:
    """The pages of teachers need the role, too; it can be taken away while the license stays."""
    holder, person = enrollment.order.assigned_to, enrollment.user
    names = {"person": person, "holder": holder}
    roles = Membership.objects.filter(organization=holder, user=person, role=Role.TEACHER)
    return Rule(
        name=_("%(person)s has the role Teacher at %(holder)s") % names,
        passed=roles.exists(),
        why=_("%(person)s has no such role now: it was taken away.") % names,
        step=_("Type the teacher code again, or be invited as a teacher again."),
        who=_("%(person)s, or %(holder)s") % names,
    )


def linked_rule(enrollment: Enrollment) -> Rule:
    """Whether a student is linked to a teacher, where the setting asks for it."""
    return Rule(
        name=_("%(person)s is linked to a teacher, where that is asked for")
        % {"person": enrollment.user},
        passed=is_linked(enrollment, settings_of(enrollment.order)),
        why=_("%(person)s is not linked to a teacher.") % {"person": enrollment.user},
        step=_("Link to a teacher, at My Courses."),
        who=enrollment.user,
    )
