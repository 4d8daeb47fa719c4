"""Granting and revoking roles, and switching the active role."""

from django.utils import timezone
from django.utils.translation import gettext as _

from jasper_inventory.accounts.models import Invitation, Membership, Organization, Role, User
from jasper_inventory.accounts.permissions import require_administrator, require_cci_staff
from jasper_inventory.lib.audit import recorded
from jasper_inventory.lib.exceptions import DomainError


def grant_role(*, user: User, organization: Organization, role: int, by: User) -> Membership:
    """Give a person a role at an organization; having it already is no error."""
    require_cci_staff(by)
    if organization.is_vendor:
        raise DomainError(
            _("People of %(name)s work in the admin; they need no role there.")
            % {"name": organization.name},
            field="organization",
        )
    with recorded("role.granted", by=by):
        membership, _created = Membership.objects.get_or_create(
            user=user, organization=organization, role=role
        )
    return membership


def add_role(*, user: User, organization: Organization, role: int) -> Membership:
    """The role that comes with joining a license there, in the caller's transaction.

    Locks the person, after all orders. Raises DomainError where the account was erased meanwhile.
    """
    person = User.objects.select_for_update(of=("self",), no_key=True).get(pk=user.pk)
    if person.erased_at is not None:
        raise DomainError(_("This person's account was erased."))
    membership, _created = Membership.objects.get_or_create(
        user=user, organization=organization, role=role
    )
    return membership


def revoke_role(*, user: User, organization: Organization, role: int, by: User) -> None:
    """Take a role away; it stops working at the person's next request.

    Administrators do so at their own organization, where one of them has to stay. What someone
    who was an administrator invited to, and wasn't accepted yet, ends with the role.
    """
    require_administrator(
        organization, by, _("Only an administrator of an organization may take its roles away.")
    )
    with recorded("role.revoked", by=by):
        # Two administrators who remove each other at once: the second one meets the first's act.
        Organization.objects.select_for_update(no_key=True).get(pk=organization.pk)
        if role == Role.ADMINISTRATOR:
            if not by.is_cci_staff:
                require_administrator_left(organization, without=user)
            Invitation.objects.open().filter(organization=organization, invited_by=user).update(
                revoked_at=timezone.now()
            )
        gone, _rows = Membership.objects.filter(
            user=user, organization=organization, role=role
        ).delete()
        if not gone:
            raise DomainError(
                _("%(user)s is not %(role)s of %(organization)s.")
                % {
                    "user": user.username,
                    "role": Role(role).label,
                    "organization": organization.name,
                }
            )


def require_administrator_left(organization: Organization, *, without: User) -> None:
    """Raise DomainError where this person is the last administrator of an organization."""
    administrators = Membership.objects.filter(
        organization=organization, role=Role.ADMINISTRATOR, user__is_active=True
    )
    if not administrators.exclude(user=without).exists():
        raise DomainError(
            _("%(user)s is the last administrator of %(organization)s. Invite another one first.")
            % {"user": without, "organization": organization.name}
        )


def use_role(*, membership: Membership) -> None:
    """Note that a person works in this role: it is offered first at the next sign-in."""
    Membership.objects.filter(pk=membership.pk).update(last_used_at=timezone.now())
