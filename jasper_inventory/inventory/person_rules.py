"""Rules for people who teach or learn on an order, or want to."""

from datetime import date

from django.utils.translation import gettext as _

from activation_codes.courses import is_linked
from jasper_inventory.accounts.models import Membership, Organization, Role, User
from licenses.checks import Party, Rule, has_time_left, is_on_license
from licenses.models import Enrollment


def account_rule(user: User, holder: Organization) -> Rule:
    """Return the rule that the user must be able to sign in."""
    erased = user.erased_at is not None
    return Rule(
        name=_("%(person)s can sign in") % {"person": user},
        passed=user.is_active,
        why=_("The account was erased.") if erased else _("The account was deactivated."),
        step=_("Give the seat to someone else.") if erased else _("Activate the account."),
        who=holder if erased else _("CCI Learning"),
    )


def person_rules(enrollment: Enrollment, today: date) -> list[Rule]:
    """Return the rules for people who are or were on an order."""
    holder = enrollment.order.assigned_to
    return [
        account_rule(enrollment.user, holder),
        on_license_rule(enrollment),
        Rule(
            name=_("The access of %(person)s has not ended") % {"person": enrollment.user},
            passed=has_time_left(enrollment, today),
            why=_("It ended on %(day)s.") % {"day": enrollment.ends_on},
            step=_("Redeem another activation code."),
            who=enrollment.user,
        ),
    ]


def on_license_rule(enrollment: Enrollment, called: Party = "") -> Rule:
    """Return the rule that the person, named `called` if given, must not have been removed."""
    person = called or enrollment.user
    return Rule(
        name=_("%(person)s is on the license") % {"person": person},
        passed=is_on_license(enrollment),
        why=_("%(person)s was removed.") % {"person": person},
        step=_("Restore them if a seat is free, or have them join again."),
        who=enrollment.order.assigned_to,
    )


def using_rules(enrollment: Enrollment, today: date) -> list[Rule]:
    """Return the rules for people on an order who want to teach or to start courses."""
    last = teacher_role_rule(enrollment) if enrollment.is_teacher else linked_rule(enrollment)
    return [*person_rules(enrollment, today), last]


def teacher_role_rule(enrollment: Enrollment) -> Rule:
    """Return the rule that a teacher needs the role, which can be revoked separately."""
    holder, person = enrollment.order.assigned_to, enrollment.user
    names = {"person": person, "holder": holder}
    roles = Membership.objects.filter(organization=holder, user=person, role=Role.TEACHER)
    return Rule(
        name=_("%(person)s has the role Teacher at %(holder)s") % names,
        passed=roles.exists(),
        why=_("%(person)s no longer has this role: it was revoked.") % names,
        step=_("Type the teacher code again, or get a new invitation as a teacher."),
        who=_("%(person)s, or %(holder)s") % names,
    )


def linked_rule(enrollment: Enrollment) -> Rule:
    """Return the rule that a student must be linked to a teacher, if the setting requires it."""
    return Rule(
        name=_("%(person)s is linked to a teacher, if that is required")
        % {"person": enrollment.user},
        passed=is_linked(enrollment),
        why=_("%(person)s is not linked to a teacher.") % {"person": enrollment.user},
        step=_("Link to a teacher under My Courses."),
        who=enrollment.user,
    )
