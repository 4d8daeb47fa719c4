"""Invitations of administrators and teachers to an organization."""

import hashlib
import secrets
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from jasper_inventory.accounts.emails import post_invitation
from jasper_inventory.accounts.models import Invitation, Membership, Organization, Role, User
from jasper_inventory.accounts.permissions import require_administrator
from jasper_inventory.accounts.services.addresses import (
    checked_address,
    hold_address,
    prove_address,
)
from jasper_inventory.accounts.services.passwords import check_password_for
from jasper_inventory.accounts.services.users import create_invited_account
from jasper_inventory.lib.audit import audited
from jasper_inventory.lib.exceptions import DomainError
from jasper_inventory.lib.waits import try_again_in

DAYS = 14


def hashed(token: str) -> str:
    """Return the hash by which a link's secret is stored."""
    return hashlib.sha256(token.encode()).hexdigest()


def usable_invitation(token_hash: str) -> Invitation | None:
    """Return the invitation of a working link, or None.

    Links don't work if unknown, used, withdrawn or expired, or while the inviter is inactive.
    """
    invitations = Invitation.objects.usable(timezone.now())
    joined = invitations.select_related("organization", "invited_by")
    return joined.filter(token_hash=token_hash, invited_by__is_active=True).first()


def invite(*, organization: Organization, role: int, email: str, by: User) -> Invitation:
    """Email a link that grants a role in an organization, once within 14 days."""
    _require_inviter(organization, by)
    email = checked_address(email)
    if role not in (Role.ADMINISTRATOR, Role.TEACHER):
        raise DomainError(_("Invite an administrator or a teacher."), field="role")
    if organization.is_vendor:
        raise DomainError(
            _("%(name)s has no roles: its staff work in the admin. Choose another organization.")
            % {"name": organization.name},
            field="organization",
        )
    if Membership.objects.filter(
        organization=organization, role=role, user__email=email, user__is_active=True
    ).exists():
        raise DomainError(_("Someone with this address already has this role."), field="email")
    with audited("invitation.sent", by=by) as act:
        _count(organization, by)
        asked = {"organization": organization, "role": role, "email": email}
        earlier = Invitation.objects.open().filter(**asked)
        if earlier.usable(timezone.now()).exists():
            raise DomainError(
                _("This address already has an invitation. To send it again, choose Resend."),
                field="email",
            )
        earlier.update(revoked_at=timezone.now())
        sent = _send(by=by, **asked)
        act.on(sent)
        return sent


def resend_invitation(*, invitation: Invitation, by: User) -> Invitation:
    """Email a new link for another 14 days; the earlier link stops working."""
    _require_inviter(invitation.organization, by)
    with audited("invitation.sent", by=by) as act:
        _count(invitation.organization, by)
        _end(invitation)
        sent = _send(
            organization=invitation.organization,
            role=invitation.role,
            email=invitation.email,
            by=by,
        )
        act.on(sent)
        return sent


def revoke_invitation(*, invitation: Invitation, by: User) -> None:
    """Withdraw an invitation, so that its link stops working."""
    _require_inviter(invitation.organization, by)
    with audited("invitation.withdrawn", by=by) as act:
        act.on(invitation)
        _end(invitation)


def accept_invitation(*, invitation: Invitation, by: User) -> Membership:
    """Accept an invitation; of concurrent attempts only one succeeds."""
    with audited("invitation.accepted", by=by) as act:
        act.on(invitation)
        return _take(invitation, by)


def accept_with_new_account(*, invitation: Invitation, **account: Any) -> Membership:
    """Accept an invitation with a new account, which gets the invited email address.

    Takes the other arguments of `create_invited_account`. Creates nothing if the link was used.
    """
    with transaction.atomic():
        user = create_invited_account(email=invitation.email, **account)
        membership = accept_invitation(invitation=invitation, by=user)
        check_password_for(user, account["password"])
        return membership


def _require_inviter(organization: Organization, by: User) -> None:
    require_administrator(
        organization, by, _("Only an administrator of an organization can invite people to it.")
    )


def _count(organization: Organization, by: User) -> None:
    """Raise DomainError if the organization has sent too many invitations in 24 hours.

    Locks the organization, so that the number is exact and the inviter's role can't be revoked
    meanwhile.
    """
    Organization.objects.select_for_update(no_key=True).get(pk=organization.pk)
    _require_inviter(organization, by)
    most = settings.INVITATIONS_PER_DAY
    now, day = timezone.now(), timedelta(days=1)
    recent = Invitation.objects.filter(organization=organization, created_at__gt=now - day)
    sent = list(recent.order_by("-created_at").values_list("created_at", flat=True)[:most])
    if len(sent) >= most:
        # One more can be sent when the oldest of these is 24 hours old.
        wait = (sent[-1] if sent else now) + day - now
        text = ngettext(
            "An organization can send %(most)d invitation in 24 hours.",
            "An organization can send %(most)d invitations in 24 hours.",
            most,
        ) % {"most": most}
        raise DomainError(f"{text} {try_again_in(wait)}")


def _send(*, by: User, **asked: Any) -> Invitation:
    token = secrets.token_urlsafe(32)
    invitation = Invitation.objects.create(
        token_hash=hashed(token),
        invited_by=by,
        expires_at=timezone.now() + timedelta(days=DAYS),
        **asked,
    )
    post_invitation(invitation, token)
    return invitation


def _end(invitation: Invitation) -> None:
    """Withdraw an invitation; raise DomainError if it is no longer open."""
    ended = Invitation.objects.open().filter(pk=invitation.pk).update(revoked_at=timezone.now())
    if ended != 1:
        raise DomainError(_("This invitation was already accepted or withdrawn."))


def _take(invitation: Invitation, user: User) -> Membership:
    # The link proves this address: if it is reserved for the account, it becomes the account's.
    hold_address(invitation.email)
    # The user is locked before the invitation, in the same order as erasing a user.
    user = User.objects.select_for_update(of=("self",), no_key=True).get(pk=user.pk)
    now = timezone.now()
    usable = Invitation.objects.usable(now).filter(pk=invitation.pk)
    inviter = User.objects.filter(pk=invitation.invited_by_id, is_active=True)
    are_active = user.is_active and inviter.exists()
    if not are_active or usable.update(accepted_at=now, accepted_by=user) != 1:
        raise DomainError(_("This invitation is no longer valid. Ask for a new one."))
    if user.unconfirmed_email == invitation.email:
        prove_address(user=user, email=invitation.email)
    membership, _created = Membership.objects.get_or_create(
        user=user, organization=invitation.organization, role=invitation.role
    )
    return membership
