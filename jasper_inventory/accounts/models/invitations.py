"""Invitations: emailed links that make someone an administrator or teacher."""

from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from jasper_inventory.accounts.models.organizations import Organization, Role
from jasper_inventory.lib.audit import Subject
from jasper_inventory.lib.text import UNREADABLE_DOMAIN
from jasper_inventory.lib.text_fields import AddressField, Folded, IsPlain

if TYPE_CHECKING:
    from jasper_inventory.accounts.models.memberships import Membership

INVITED_ROLES = [(role.value, role.label) for role in (Role.ADMINISTRATOR, Role.TEACHER)]


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def visible_to(self, membership: "Membership | None") -> Self:
        """Invitations to an administrator's own organization."""
        if membership is None or not membership.is_administrator:
            return self.none()
        return self.filter(organization=membership.organization_id)

    def manageable_by(self, membership: "Membership | None") -> Self:
        """The same, because every administrator may resend or withdraw them."""
        return self.visible_to(membership)

    def open(self) -> Self:
        """Invitations that were neither accepted nor withdrawn, including expired ones."""
        return self.filter(accepted_at=None, revoked_at=None)

    def usable(self, now: datetime) -> Self:
        """Invitations whose link works at that moment."""
        return self.open().filter(expires_at__gt=now)


class Invitation(models.Model):
    """An email with a link that works once; resending it creates a new invitation."""

    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="invitations", verbose_name=_("organization")
    )
    role = models.PositiveSmallIntegerField(_("role"), choices=INVITED_ROLES)
    email = AddressField(_("email"))
    # The secret itself is only in the email.
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("invited by")
    )
    created_at = models.DateTimeField(_("sent at"), auto_now_add=True)
    expires_at = models.DateTimeField(_("expires at"))
    accepted_at = models.DateTimeField(_("accepted at"), null=True, editable=False)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        editable=False,
        verbose_name=_("accepted by"),
    )
    revoked_at = models.DateTimeField(_("withdrawn at"), null=True, editable=False)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        indexes = [
            GinIndex(OpClass(Folded("email"), "gin_trgm_ops"), name="accounts_invitation_by_part")
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "role", "email"],
                condition=Q(accepted_at=None, revoked_at=None),
                name="accounts_invitation_one_open",
                violation_error_message=_("This address already has an invitation."),
            ),
            models.CheckConstraint(
                condition=Q(role__in=[role for role, _label in INVITED_ROLES]),
                name="accounts_invitation_role",
            ),
            models.CheckConstraint(
                condition=Q(email=Lower("email")), name="accounts_invitation_email_lower_case"
            ),
            models.CheckConstraint(
                condition=IsPlain("email") & ~Q(email__regex=UNREADABLE_DOMAIN),
                name="accounts_invitation_plain_text",
            ),
            models.CheckConstraint(
                condition=Q(accepted_at=None, accepted_by=None)
                | Q(accepted_at__isnull=False, accepted_by__isnull=False, revoked_at=None),
                name="accounts_invitation_one_end",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role_name} – {self.organization}"

    @property
    def subject(self) -> Subject:
        """How the activity log names the invitation, without the address."""
        return Subject("invitation", self.pk, str(Role(self.role).label), self.organization_id)

    @property
    def role_name(self) -> str:
        """The name of the role, as in the Role menu."""
        return self.organization.name_of_role(self.role)

    @property
    def has_expired(self) -> bool:
        return self.expires_at <= timezone.now()
