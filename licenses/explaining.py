"""Why can't this license be used? Its rules in order, each passed or failed, with the next step."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from licenses.models import Order, Outcome


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


def order_rules(order: Order, today: date) -> list[Rule]:
    """What must hold for an order to be in force, in the precedence of its status.

    `order` is one of `with_people()`. Says nothing that its holder may not know.
    """
    return [
        _approved(order),
        _not_ended(order, today),
        _not_suspended(order),
        _active(order),
        _started(order, today),
    ]


def joining_rules(order: Order) -> list[Rule]:
    """What must hold, besides, for one more student to join."""
    place = Rule(
        name=_("A student place is left"),
        passed=order.free is None or order.free > 0,
        why=_("All %(places)s places are taken or given on.") % {"places": order.capacity},
        step=_("Take a student off, or request more places with a renewal."),
        who=order.assigned_to,
    )
    return [place]


def _approved(order: Order) -> Rule:
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
        passed=order.is_approved,
        why=_("The request was %(outcome)s.") % {"outcome": Outcome(order.outcome).label.lower()},
        step=_("Request a new license."),
        who=order.assigned_to,
    )


def _not_ended(order: Order, today: date) -> Rule:
    return Rule(
        name=_("It has not ended"),
        passed=order.finish_date is None or order.finish_date >= today,
        why=_("It ended on %(day)s.") % {"day": order.finish_date},
        step=_("Renew it."),
        who=order.assigned_to,
    )


def _not_suspended(order: Order) -> Rule:
    if order.suspended_at is not None:
        who = order.suspended_by_organization
        why = _("%(who)s suspended it: %(why)s") % {"who": who, "why": order.suspension_reason}
    else:
        who = order.assigned_by_organization
        why = _("The license that %(who)s took it from is suspended.") % {"who": who}
    return Rule(
        name=_("It is not suspended"),
        passed=not order.is_suspended,
        why=why,
        step=_("Resume the license."),
        who=who,
    )


def _active(order: Order) -> Rule:
    return Rule(
        name=_("It is active"),
        passed=order.is_active,
        why=_("The box Active License is off."),
        step=_("Switch Active License on, under Edit."),
        who=order.assigned_to,
    )


def _started(order: Order, today: date) -> Rule:
    return Rule(
        name=_("It has started"),
        passed=order.start_date is None or order.start_date <= today,
        why=_("It starts on %(day)s.") % {"day": order.start_date},
        step=_("Wait until then, or ask for an earlier start."),
        who=order.assigned_by_organization,
    )
