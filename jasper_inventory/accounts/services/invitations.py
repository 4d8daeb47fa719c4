"""Invitations: administrators invite others, and teachers, to their own organization."""

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
from jasper_inventory.accounts.services.users import create_invited_account
from jasper_inventory.lib.audit import recorded
from jasper_inventory.lib.exceptions import DomainError
from jasper_inventory.lib.waits import try_again_in

DAYS = 14


def hashed(token: str) -> str:
    """How a link's secret is stored."""
    return hashlib.sha256(token.encode()).hexdigest()


def usable_invitation(token_hash: str) -> Invitation | None:
    """The invitation whose link works now; None for a wrong, used, withdrawn or too old one.

    None too while the inviter's account is deactivated.
    """
    invitations = Invitation.objects.usable(timezone.now())
    joined = invitations.select_related("organization", "invited_by")
    return joined.filter(token_hash=token_hash, invited_by__is_active=True).first()


def invite(*, organization: Organization, role: int, email: str, by: User) -> Invitation:
    """Send somebody a link that gives a role at an organization, once, for 14 days."""
    _require_inviter(organization, by)
    email = checked_address(email)
    if role not in (Role.ADMINISTRATOR, Role.TEACHER):
        raise DomainError(_("Invite an administrator or a teacher."), field="role")
    if organization.is_vendor:
        raise DomainError(
            _("People of %(name)s work in the admin; they need no role there.")
            % {"name": organization.name},
            field="organization",
        )
    if Membership.objects.filter(
        organization=organization, role=role, user__email=email, user__is_active=True
    ).exists():
        raise DomainError(_("Someone with this address has this role already."), field="email")
    with recorded("invitation.sent", by=by):
        _count(organization, by)
        asked = {"organization": organization, "role": role, "email": email}
        earlier = Invitation.objects.open().filter(**asked)
        if earlier.usable(timezone.now()).exists():
            raise DomainError(
                _("This address has an invitation already. You can send it again."), field="email"
            )
        earlier.update(revoked_at=timezone.now())
        return _send(by=by, **asked)


def resend_invitation(*, invitation: Invitation, by: User) -> Invitation:
    """Send a new link, for another 14 days; the link of the earlier mail stops working."""
    _require_inviter(invitation.organization, by)
    with recorded("invitation.sent", by=by):
        _count(invitation.organization, by)
        _end(invitation)
        return _send(
            organization=invitation.organization,
            role=invitation.role,
            email=invitation.email,
            by=by,
        )


def revoke_invitation(*, invitation: Invitation, by: User) -> None:
    """Withdraw an invitation: its link stops working."""
    _require_inviter(invitation.organization, by)
    with recorded("invitation.withdrawn", by=by):
        _end(invitation)


def accept_invitation(*, invitation: Invitation, by: User) -> Membership:
    """Take the role that a link offers; of two at once one gets it."""
    with recorded("invitation.accepted", by=by):
        return _take(invitation, by)


def accept_with_new_account(*, invitation: Invitation, **account: Any) -> Membership:
    """The same for somebody new: the account has the address that the link was sent to.

    Takes what `create_invited_account` takes, but the address. Nothing is made where the link
    is used.
    """
    with transaction.atomic():
        user = create_invited_account(email=invitation.email, **account)
        return accept_invitation(invitation=invitation, by=user)


def _require_inviter(organization: Organization, by: User) -> None:
    require_administrator(
        organization, by, _("Only an administrator of an organization may invite people to it.")
    )


def _count(organization: Organization, by: User) -> None:
    """One mail more today; raise DomainError where there were too many.

    Locks the organization: its invitations are sent one after the other, and not once the
    inviter's role was taken away.
    """
    Organization.objects.select_for_update(no_key=True).get(pk=organization.pk)
    _require_inviter(organization, by)
    most = settings.INVITATIONS_PER_DAY
    now, day = timezone.now(), timedelta(days=1)
    recent = Invitation.objects.filter(organization=organization, created_at__gt=now - day)
    sent = list(recent.order_by("-created_at").values_list("created_at", flat=True)[:most])
    if len(sent) >= most:
        # The first of the last so many leaves the day: then one more can be sent.
        wait = (sent[-1] if sent else now) + day - now
        text = ngettext(
            "At most %(most)d invitation can be sent in 24 hours.",
            "At most %(most)d invitations can be sent in 24 hours.",
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
    """Withdraw it, unless somebody was quicker."""
    ended = Invitation.objects.open().filter(pk=invitation.pk).update(revoked_at=timezone.now())
    if ended != 1:
        raise DomainError(_("This invitation was accepted or withdrawn already."))


def _take(invitation: Invitation, user: User) -> Membership:
    # The link came to this address; where it is reserved for the account it is now its own.
    hold_address(invitation.email)
    # The person before the invitation, as who erases the person locks them.
    user = User.objects.select_for_update(of=("self",), no_key=True).get(pk=user.pk)
    now = timezone.now()
    usable = Invitation.objects.usable(now).filter(pk=invitation.pk)
    inviter = User.objects.filter(pk=invitation.invited_by_id, is_active=True)
    are_active = user.is_active and inviter.exists()
    if not are_active or usable.update(accepted_at=now, accepted_by=user) != 1:
        raise DomainError(_("This invitation can't be used any more."))
    if user.unconfirmed_email == invitation.email:
        prove_address(user=user, email=invitation.email)
    membership, _created = Membership.objects.get_or_create(
        user=user, organization=invitation.organization, role=invitation.role
    )
    return membership
