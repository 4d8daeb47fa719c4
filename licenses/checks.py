"""Why a license can't be used: its rules in order, passed or failed, with the next step."""

from dataclasses import dataclass, replace
from datetime import date
from typing import TypeAlias

from django.utils.translation import gettext as _

from jasper_inventory.accounts.models import Organization, User
from licenses.models import Enrollment, Order, Outcome

# Who can do something: a person, an organization, or someone in words.
Party: TypeAlias = User | Organization | str


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One rule: whether it passed and, if not, why, what to do next, and who can do it."""

    name: str
    passed: bool
    why: str = ""
    step: str = ""
    who: Party = ""


def failed(rules: list[Rule]) -> Rule | None:
    """Return the first rule that failed: the one to fix first."""
    return next((rule for rule in rules if not rule.passed), None)


@dataclass(frozen=True, kw_only=True)
class InForce:
    """The conditions of an order in force: together the same as `Order.objects.in_force`.

    Every explanation of an order uses these conditions.
    """

    approved: bool
    not_ended: bool
    not_suspended: bool
    active: bool
    begun: bool

    @classmethod
    def of(cls, order: Order, today: date) -> "InForce":
        """Return the answers for an order; one without dates can't fail by them."""
        return cls(
            approved=order.is_approved,
            not_ended=order.finish_date is None or order.finish_date >= today,
            not_suspended=not order.is_suspended,
            active=order.is_active,
            begun=order.start_date is None or order.start_date <= today,
        )


def is_on_license(enrollment: Enrollment) -> bool:
    """Return whether the person is still on the order, not removed."""
    return enrollment.removed_at is None


def has_time_left(enrollment: Enrollment, today: date) -> bool:
    """Return whether the person's own time has not ended. The last day is included."""
    return enrollment.ends_on is None or enrollment.ends_on >= today


def order_rules(order: Order, today: date) -> list[Rule]:
    """Return the rules for an order to be in force, in the precedence of its status.

    `order` must come from `with_people()`. The texts disclose nothing that the license holder
    may not know.
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
    """Return the rule for anyone new to join, including teachers."""
    return Rule(
        name=_("Enrollment is not paused"),
        passed=order.joining_paused_at is None,
        why=_("Enrollment is paused."),
        step=_("Resume enrollment under Usage."),
        who=order.assigned_to,
    )


def newcomers_rules(order: Order) -> list[Rule]:
    """Return the rules for students who aren't on the license yet; others aren't affected."""
    allowed, seat = joining_rules(order)
    others = _("%(why)s Students already enrolled are not affected.")
    return [
        replace(rule, why=others % {"why": rule.why}) if not rule.passed else rule
        for rule in (allowed, seat)
    ]


def joining_rules(order: Order) -> list[Rule]:
    """Return the further rules for one more student to join."""
    seat = Rule(
        name=_("A student seat is available"),
        passed=order.seats_available is None or order.seats_available > 0,
        why=_("All %(seats)s seats are taken or allocated.") % {"seats": f"{order.seats or 0:,}"},
        step=_("Remove a student, or request more seats with a renewal."),
        who=order.assigned_to,
    )
    return [joining_allowed(order), seat]


def _approved(order: Order, passed: bool) -> Rule:
    name = _("The license was approved")
    if order.is_pending:
        return Rule(
            name=name,
            passed=False,
            why=_("The request is pending."),
            step=_("Review the request."),
            who=order.requested_to or "",
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
        step=_("Renew the license."),
        who=order.assigned_to,
    )


def _not_suspended(order: Order, passed: bool) -> Rule:
    who: Party = ""
    why = ""
    if stopped_by := None if passed else order.stopped_by():
        # Readers of several organizations see this page, so it never names a former supplier.
        suspender = stopped_by.suspended_by_organization
        if suspender is not None and order.has_above(suspender):
            who = suspender
            why = _("%(who)s suspended it: %(why)s") % {
                "who": who,
                "why": stopped_by.suspension_reason,
            }
        else:
            who = Organization.objects.vendor()
            why = _("A former supplier suspended it.")
        if stopped_by != order:
            why = _("The license that it was allocated from is suspended. %(why)s") % {"why": why}
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
        why=_("Active License is switched off."),
        step=_("Switch on Active License under Edit."),
        who=order.assigned_to,
    )


def _begun(order: Order, passed: bool) -> Rule:
    return Rule(
        name=_("It has started"),
        passed=passed,
        why=_("It starts on %(day)s.") % {"day": order.start_date},
        step=_("Wait until then, or ask for an earlier start date."),
        who=order.assigner or Organization.objects.vendor(),
    )
