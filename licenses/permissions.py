"""Who may do what to an order or a request: one permission per act.

Pages, templates, services and the admin all use these. `can_edit(order, actor)` answers; a service
calls `can_edit.require(order, by)`, which raises NotAllowed. Permissions say only who may act. The
services decide whether an act is possible now, and `licenses.actions` whether to show its link.

On pages, the actor is the role that the form was opened with. In services, it is a person. A role
administers its own organization. A person administers each organization where they have an
administrator's role, and CCI staff may do almost everything.
"""

from collections.abc import Callable
from functools import update_wrapper
from typing import Generic, ParamSpec, TypeAlias

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from jasper_inventory.accounts.models import Membership, Organization, User
from jasper_inventory.lib.exceptions import NotAllowed
from licenses.models import Order, RequestFields

Actor: TypeAlias = Membership | User
# Any permission for what may be done with an order.
Allowed: TypeAlias = Callable[[Order, Actor], bool]
P = ParamSpec("P")


class Permission(Generic[P]):
    """Whether an actor may perform one act, and the message if not.

    The refusal for a request may use %(supplier)s.
    """

    def __init__(self, rule: Callable[P, bool], refusal: str | Promise) -> None:
        self.rule, self.refusal = rule, refusal
        update_wrapper(self, rule)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> bool:
        return self.rule(*args, **kwargs)

    def require(self, *args: P.args, **kwargs: P.kwargs) -> None:
        """Raise NotAllowed unless the actor may perform the act."""
        if self.rule(*args, **kwargs):
            return
        message = str(self.refusal)
        if "%(supplier)s" in message:
            asked = args[0]
            assert isinstance(asked, RequestFields)
            message %= {"supplier": asked.requested_to}
        raise NotAllowed(message)


def permission(refusal: str | Promise) -> Callable[[Callable[P, bool]], Permission[P]]:
    """Turn the decorated rule into a permission with this refusal."""
    return lambda rule: Permission(rule, refusal)


@permission(_("Only the organization that assigned a license can change it."))
def can_edit(order: Order, actor: Actor) -> bool:
    """Change the terms of an order."""
    return _is_assigner(order, actor)


@permission(_("Only the license holder can activate or deactivate a license."))
def can_activate(order: Order, actor: Actor) -> bool:
    """Switch an order's *Active License* box."""
    return _is_holder(order, actor)


@permission(_("Only the holder of the parent order can assign licenses from it."))
def can_allocate(order: Order, actor: Actor) -> bool:
    """Assign licenses from an order to direct sub-organizations of its holder."""
    return _is_holder(order, actor)


@permission(_("Only the organization that assigned a license can reclaim seats from it."))
def can_reclaim(order: Order, actor: Actor) -> bool:
    """Reclaim unused seats of an order."""
    return _is_assigner(order, actor)


@permission(_("Only the organization that assigned a license can suspend it."))
def can_suspend(order: Order, actor: Actor) -> bool:
    """Suspend an order."""
    return _is_assigner(order, actor)


@permission(_("Only the organization that suspended a license can resume it."))
def can_resume(order: Order, actor: Actor) -> bool:
    """Resume an order: the assigner, unless CCI suspended it."""
    if isinstance(actor, Membership):
        suspended = order.suspended_by_organization_id in (None, actor.organization_id)
    else:
        # What CCI staff suspend is suspended by CCI.
        suspender = order.suspended_by_organization
        suspended = actor.is_cci_staff or suspender is None or not suspender.is_vendor
    return suspended and _is_assigner(order, actor)


_GUARDS = _("Only the license holder and the organization that assigned the license can do this.")


@permission(_GUARDS)
def can_pause(order: Order, actor: Actor) -> bool:
    """Pause and resume enrollment on an order."""
    return _is_holder(order, actor) or _is_assigner(order, actor)


@permission(_GUARDS)
def can_set_alerts(order: Order, actor: Actor) -> bool:
    """Set the alerts of an unlimited order."""
    return _is_holder(order, actor) or _is_assigner(order, actor)


@permission(_GUARDS)
def can_replace_code(order: Order, actor: Actor) -> bool:
    """Replace an order's teacher code."""
    return _is_holder(order, actor) or _is_assigner(order, actor)


_HOLDS_PEOPLE = _("Only the license holder can change the people on a license.")


@permission(_HOLDS_PEOPLE)
def can_manage_people(order: Order, actor: Actor) -> bool:
    """See, enroll, remove and restore the people on an order."""
    return _is_holder(order, actor)


@permission(_HOLDS_PEOPLE)
def can_send_code(order: Order, actor: Actor) -> bool:
    """Email an order's teacher code."""
    return _is_holder(order, actor)


@permission(_("Only the license holder can change the codes of a license."))
def can_manage_codes(order: Order, actor: Actor) -> bool:
    """Create, download and replace an order's activation codes, and change their settings."""
    return _is_holder(order, actor)


@permission(_("Only administrators of the organization, or of one above it, can request this."))
def can_request(holder: Organization, asking: Organization, by: User) -> bool:
    """Request a license or a renewal for `holder` as `asking`: itself, or an organization above it.

    CCI staff can't: only organizations make requests.
    """
    in_scope = Organization.objects.in_scope_of(asking).filter(pk=holder.pk)
    return by.administers(asking) and in_scope.exists()


@permission(_("Only %(supplier)s can review this request."))
def can_review(asked: RequestFields, actor: Actor) -> bool:
    """Approve or reject a request."""
    return _is_cci_staff(actor) or _administers(actor, asked, "requested_to")


@permission(_("Only administrators of %(supplier)s can forward this request."))
def can_forward(asked: RequestFields, actor: Actor) -> bool:
    """Forward a request. CCI staff can't: they review requests."""
    return _administers(actor, asked, "requested_to")


@permission(_("Only the organization that made a request can withdraw it."))
def can_withdraw(asked: RequestFields, actor: Actor) -> bool:
    """Withdraw a request: the organization that made it, or the one that it was made for."""
    if asked.requested_by_organization_id is None:
        return False
    asking = _administers(actor, asked, "requested_by_organization")
    return asking or _administers(actor, asked.asked_order, "assigned_to")


def _is_cci_staff(actor: Actor) -> bool:
    return isinstance(actor, User) and actor.is_cci_staff


def _is_holder(order: Order, actor: Actor) -> bool:
    """Return whether the actor administers the license holder, or is CCI staff."""
    return _is_cci_staff(actor) or _administers(actor, order, "assigned_to")


def _is_assigner(order: Order, actor: Actor) -> bool:
    """Return whether the actor administers the assigner, or is CCI staff.

    Once the license holder has moved away from the assigner, only CCI staff can act.
    """
    if isinstance(actor, Membership):
        assigned = _administers(actor, order, "assigned_by_organization")
        return assigned and order.has_above(actor.organization)
    return actor.is_cci_staff or actor.administers(order.assigner)


def _administers(actor: Actor, row: Order | RequestFields, field: str) -> bool:
    """Return whether the actor administers the organization in this field of a row."""
    if isinstance(actor, Membership):
        # Compared by key, to avoid a query for each row of a list.
        return actor.is_administrator and actor.organization_id == getattr(row, f"{field}_id")
    return actor.administers(getattr(row, field))
