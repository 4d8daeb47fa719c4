"""Who may do what to an order or a request: one permission per act.

Pages, templates, services and the admin all ask these. `can_edit(order, actor)` answers; a service
calls `can_edit.require(order, by)`, which raises NotAllowed. They say who may act; whether an act
makes sense now is up to the services, and for links to `licenses.actions`.

The actor is a role on pages, which act in the role that their form was opened with, and a person in
services. A role administers its own organization. A person administers each organization where
they have an administrator's role, and CCI staff may do almost everything.
"""

from collections.abc import Callable
from functools import update_wrapper
from typing import Any, Generic, ParamSpec, TypeAlias

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from jasper_inventory.accounts.models import Membership, Organization, User
from jasper_inventory.lib.exceptions import NotAllowed
from licenses.models import Order, RequestFields

Actor: TypeAlias = Membership | User
P = ParamSpec("P")


class Permission(Generic[P]):
    """Whether an actor may do one act, and what it says where they may not.

    The refusal of a request may name its %(supplier)s.
    """

    def __init__(self, rule: Callable[P, bool], refusal: str | Promise) -> None:
        self.rule, self.refusal = rule, refusal
        update_wrapper(self, rule)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> bool:
        return self.rule(*args, **kwargs)

    def require(self, *args: P.args, **kwargs: P.kwargs) -> None:
        """Raise NotAllowed unless the actor may do it."""
        if self.rule(*args, **kwargs):
            return
        message = str(self.refusal)
        if "%(supplier)s" in message:
            asked: Any = args[0]
            message %= {"supplier": asked.requested_to}
        raise NotAllowed(message)


def permission(refusal: str | Promise) -> Callable[[Callable[P, bool]], Permission[P]]:
    """Decorator: make a rule a permission with this refusal."""
    return lambda rule: Permission(rule, refusal)


@permission(_("Only who assigned a license may change it."))
def can_edit(order: Order, actor: Actor) -> bool:
    """Change the terms of an order."""
    return _is_assigner(order, actor)


@permission(_("Only the holder of a license may activate or deactivate it."))
def can_activate(order: Order, actor: Actor) -> bool:
    """Switch an order's *Active License* box."""
    return _is_holder(order, actor)


@permission(_("Only the holder of the source order may assign from it."))
def can_allocate(order: Order, actor: Actor) -> bool:
    """Assign licenses out of an order, to organizations directly below its holder."""
    return _is_holder(order, actor)


@permission(_("Only who assigned a license may take places back from it."))
def can_reclaim(order: Order, actor: Actor) -> bool:
    """Reclaim unused seats of an order."""
    return _is_assigner(order, actor)


@permission(_("Only who assigned a license may suspend or resume it."))
def can_suspend(order: Order, actor: Actor) -> bool:
    """Suspend an order."""
    return _is_assigner(order, actor)


@permission(_("CCI suspended this license; only CCI can resume it."))
def can_resume(order: Order, actor: Actor) -> bool:
    """Resume an order that is suspended: the organization that suspended it."""
    if isinstance(actor, Membership):
        suspended = _administers(actor, order, "suspended_by_organization")
    else:
        # Whatever CCI staff suspend is suspended by CCI.
        suspended = actor.is_cci_staff or not order.suspended_by_organization.is_vendor
    return suspended and _is_assigner(order, actor)


_GUARDS = _("Only the holder of a license and who assigned it may do this.")


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


_HOLDS_PEOPLE = _("Only the holder of a license may change who is on it.")


@permission(_HOLDS_PEOPLE)
def can_manage_people(order: Order, actor: Actor) -> bool:
    """See, enroll, remove and restore the people on an order."""
    return _is_holder(order, actor)


@permission(_HOLDS_PEOPLE)
def can_send_code(order: Order, actor: Actor) -> bool:
    """Email an order's teacher code."""
    return _is_holder(order, actor)


@permission(_("Only the holder of a license may change its codes."))
def can_manage_codes(order: Order, actor: Actor) -> bool:
    """Create, download and replace an order's activation codes, and change their settings."""
    return _is_holder(order, actor)


@permission(_("Only an administrator of the organization, or of one above it, may request this."))
def can_request(holder: Organization, asking: Organization, by: User) -> bool:
    """Request a license or a renewal for `holder` as `asking`: itself, or an organization above it.

    CCI staff have no part in it: a request comes from the organizations.
    """
    in_scope = Organization.objects.in_scope_of(asking).filter(pk=holder.pk)
    return by.administers(asking) and in_scope.exists()


@permission(_("This request is decided by %(supplier)s."))
def can_review(asked: RequestFields, actor: Actor) -> bool:
    """Approve or reject a request."""
    return _is_cci_staff(actor) or _administers(actor, asked, "requested_to")


@permission(_("Only administrators of %(supplier)s may pass this request on."))
def can_forward(asked: RequestFields, actor: Actor) -> bool:
    """Forward a request. CCI staff have no part in it: they review it."""
    return _administers(actor, asked, "requested_to")


@permission(_("Only the organization that made a request may withdraw it."))
def can_withdraw(asked: RequestFields, actor: Actor) -> bool:
    """Withdraw a request: the organization that made it, and the one that it was made for."""
    if asked.requested_by_organization_id is None:
        return False
    asking = _administers(actor, asked, "requested_by_organization")
    return asking or _administers(actor, asked.asked_order, "assigned_to")


def _is_cci_staff(actor: Actor) -> bool:
    return isinstance(actor, User) and actor.is_cci_staff


def _is_holder(order: Order, actor: Actor) -> bool:
    """Whether the actor acts for the license holder, as CCI staff may."""
    return _is_cci_staff(actor) or _administers(actor, order, "assigned_to")


def _is_assigner(order: Order, actor: Actor) -> bool:
    """Whether the actor acts for the assigner, as CCI staff may.

    Nobody else does once the holder was moved away from below the assigner.
    """
    if isinstance(actor, Membership):
        assigned = _administers(actor, order, "assigned_by_organization")
        return assigned and order.has_above(actor.organization)
    return actor.is_cci_staff or actor.administers(order.assigner)


def _administers(actor: Actor, row: Order | RequestFields, field: str) -> bool:
    """Whether the actor administers the organization that this field of a row names."""
    if isinstance(actor, Membership):
        # By its key: a list of rows needs no query for each.
        return actor.is_administrator and actor.organization_id == getattr(row, f"{field}_id")
    return actor.administers(getattr(row, field))
