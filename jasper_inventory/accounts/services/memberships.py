"""Granting and revoking roles, and switching the active role."""

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from jasper_inventory.accounts.models import Invitation, Membership, Organization, Role, User
from jasper_inventory.accounts.permissions import require_administrator, require_cci_staff
from jasper_inventory.accounts.services.list_exports import drop_exports
from jasper_inventory.accounts.services.log_entries import record
from jasper_inventory.lib.audit import audited
from jasper_inventory.lib.exceptions import DomainError
from jasper_inventory.lib.functions import call


def grant_role(*, user: User, organization: Organization, role: int, by: User) -> Membership:
    """Grant a person a role in an organization, unless they already have it."""
    require_cci_staff(by)
    if organization.is_vendor:
        raise DomainError(
            _("%(name)s has no roles: its staff work in the admin. Choose another organization.")
            % {"name": organization.name},
            field="organization",
        )
    with audited("role.granted", by=by) as act:
        membership, is_new = Membership.objects.get_or_create(
            user=user, organization=organization, role=role
        )
        act.on(membership)
        if not is_new:
            act.leave_out()
    return membership


def add_role(*, user: User, organization_pk: int, role: int) -> Membership:
    """Add the role that comes with joining a license, in the caller's transaction.

    Locks the person, which must come after locking orders. Raises DomainError if the account was
    erased.
    """
    (pk,) = call("accounts_add_role", ["membership"], user.pk, organization_pk, role)
    if pk is None:
        raise DomainError(_("This person's account was erased."))
    return known_role(pk, user=user, organization_pk=organization_pk, role=role)


def known_role(pk: int, *, user: User, organization_pk: int, role: int) -> Membership:
    """Return the role with this key, without reading it."""
    names = ["id", "user_id", "organization_id", "role"]
    return Membership.from_db(None, names, [pk, user.pk, organization_pk, role])


def revoke_role(*, user: User, organization: Organization, role: int, by: User) -> None:
    """Revoke a role, which stops working at the person's next request.

    Administrators can revoke roles in their own organization, which must keep at least one
    administrator. Open invitations by a former administrator are withdrawn.
    """
    require_administrator(
        organization, by, _("Only an administrator of an organization can revoke its roles.")
    )
    with audited("role.revoked", by=by) as act:
        act.on(Membership(user=user, organization=organization, role=role))
        # Serializes two administrators who revoke each other's role.
        Organization.objects.select_for_update(no_key=True).get(pk=organization.pk)
        if role == Role.ADMINISTRATOR:
            if not by.is_cci_staff:
                require_administrator_left(organization, without=user)
            Invitation.objects.open().filter(organization=organization, invited_by=user).update(
                revoked_at=timezone.now()
            )
        drop_exports(Q(requested_by=user, organization=organization, role=role))
        gone, _rows = Membership.objects.filter(
            user=user, organization=organization, role=role
        ).delete()
        if not gone:
            raise DomainError(
                _("%(user)s doesn't have the role %(role)s of %(organization)s.")
                % {
                    "user": user.username,
                    "role": Role(role).label,
                    "organization": organization.name,
                }
            )


def require_administrator_left(organization: Organization, *, without: User) -> None:
    """Raise DomainError if this person is the last administrator of an organization."""
    administrators = Membership.objects.filter(
        organization=organization, role=Role.ADMINISTRATOR, user__is_active=True
    )
    if not administrators.exclude(user=without).exists():
        raise DomainError(
            _("%(user)s is the last administrator of %(organization)s. Invite another one first.")
            % {"user": without, "organization": organization.name}
        )


def use_role(*, membership: Membership, by: User) -> None:
    """Record the use of a role, so that it is active first at the next sign-in."""
    with transaction.atomic():
        Membership.objects.filter(pk=membership.pk).update(last_used_at=timezone.now())
        record("role.switched", by=by, on=membership)
