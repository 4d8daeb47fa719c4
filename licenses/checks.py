"""Why can't this license be used? Its rules in order, each passed or failed, with the next step."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from jasper_inventory.accounts.models import Organization
from licenses.models import Enrollment, Order, Outcome


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One rule of a chain. Where it fails: why, what to do next, and who can do it."""

    name: Any
    passed: bool
    why: Any = ""
    step: Any = ""
    who: Any = ""


def failed(rules: list[Rule]) -> Rule | None:
    """The first rule that fails: the one to mend first."""
    return next((rule for rule in rules if not rule.passed), None)


@dataclass(frozen=True, kw_only=True)
class InForce:
    """What is asked of an order: together just what `Order.objects.in_force` says.

    Whoever explains an order words these; nobody asks them in other words.
    """

    approved: bool
    not_ended: bool
    not_suspended: bool
    active: bool
    begun: bool

    @classmethod
    def of(cls, order: Order, today: date) -> "InForce":
        """The answers for an order; one that is not approved yet has no days that could fail."""
        return cls(
            approved=order.is_approved,
            not_ended=order.finish_date is None or order.finish_date >= today,
            not_suspended=not order.is_suspended,
            active=order.is_active,
            begun=order.start_date is None or order.start_date <= today,
        )


def is_on_license(enrollment: Enrollment) -> bool:
    """Whether the person was not taken off."""
    return enrollment.removed_at is None


def has_time_left(enrollment: Enrollment, today: date) -> bool:
    """Whether the person's own time has not ended; its last day is still theirs."""
    return enrollment.ends_on is None or enrollment.ends_on >= today


def order_rules(order: Order, today: date) -> list[Rule]:
    """What must hold for an order to be in force, in the precedence of its status.

    `order` is one of `with_people()`. Says nothing that its holder may not know.
    """
    holds = InForce.of(order, today)
    return [
        _approved(order, holds.approved),
        _not_ended(order, holds.not_ended),
        _not_suspended(order, holds.not_suspended),
        _active(order, holds.active),
        _begun(order, holds.begun),
    ]


def joining_allowed(order: Order) -> Rule:
    """What must hold for anyone new, teachers too."""
    return Rule(
        name=_("New enrollments are not paused"),
        passed=order.joining_paused_at is None,
        why=_("They are paused; who is on the license already goes on."),
        step=_("Allow new enrollments, under Students over Time."),
        who=order.assigned_to,
    )


def newcomers_rules(order: Order) -> list[Rule]:
    """What must hold for a student who isn't on the license yet; the others aren't affected."""
    allowed, place = joining_rules(order)
    others = _("Students who are on the license already aren't affected. %(why)s")
    return [
        replace(rule, why=others % {"why": rule.why}) if not rule.passed else rule
        for rule in (allowed, place)
    ]


def joining_rules(order: Order) -> list[Rule]:
    """What must hold, besides, for one more student to join."""
    place = Rule(
        name=_("A student place is left"),
        passed=order.seats_available is None or order.seats_available > 0,
        why=_("All %(seats)s places are taken or given on.") % {"seats": order.seats},
        step=_("Take a student off, or request more places with a renewal."),
        who=order.assigned_to,
    )
    return [joining_allowed(order), place]


def _approved(order: Order, passed: bool) -> Rule:
    name = _("The license was approved")
    if order.is_pending:
        return Rule(
            name=name,
            passed=False,
            why=_("It is requested and waits for a decision."),
            step=_("Decide the request."),
            who=order.requested_to,
        )
    return Rule(
        name=name,
        passed=passed,
        why=_("The request was %(outcome)s.") % {"outcome": Outcome(order.outcome).label.lower()},
        step=_("Request a new license."),
        who=order.assigned_to,
    )


def _not_ended(order: Order, passed: bool) -> Rule:
    return Rule(
        name=_("It has not ended"),
        passed=passed,
        why=_("It ended on %(day)s.") % {"day": order.finish_date},
        step=_("Renew it."),
        who=order.assigned_to,
    )


def _not_suspended(order: Order, passed: bool) -> Rule:
    who: Any = ""
    why = ""
    if stopped_by := None if passed else order.stopped_by():
        # The page has readers of several organizations: a former supplier is named to none.
        if order.has_above(stopped_by.suspended_by_organization):
            who = stopped_by.suspended_by_organization
            why = _("%(who)s suspended it: %(why)s") % {
                "who": who,
                "why": stopped_by.suspension_reason,
            }
        else:
            who = Organization.objects.vendor()
            why = _("A former supplier suspended it.")
        if stopped_by != order:
            why = _("With the license that it came from. %(why)s") % {"why": why}
    return Rule(
        name=_("It is not suspended"),
        passed=passed,
        why=why,
        step=_("Resume the license."),
        who=who,
    )


def _active(order: Order, passed: bool) -> Rule:
    return Rule(
        name=_("It is active"),
        passed=passed,
        why=_("The box Active License is off."),
        step=_("Switch Active License on, under Edit."),
        who=order.assigned_to,
    )


def _begun(order: Order, passed: bool) -> Rule:
    return Rule(
        name=_("It has started"),
        passed=passed,
        why=_("It starts on %(day)s.") % {"day": order.start_date},
        step=_("Wait until then, or ask for an earlier start."),
        who=order.assigner or Organization.objects.vendor(),
    )
