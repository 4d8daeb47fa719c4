"""Memberships: the roles that people have in organizations."""

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from jasper_inventory.accounts.models.organizations import Organization, Role
from jasper_inventory.accounts.models.person_copies import copies_person, name_key
from jasper_inventory.lib.audit import Subject, tracked
from jasper_inventory.lib.written_queries import READER

if TYPE_CHECKING:
    from jasper_inventory.accounts.models.users import User


class MembershipQuerySet(models.QuerySet["Membership"]):
    def ranked(self) -> Self:
        """Roles sorted by last use, then by role and level."""
        return self.order_by(
            models.F("last_used_at").desc(nulls_last=True),
            "role",
            "organization__level",
            "organization__folded",
            "pk",
        )

    def visible_to(self, membership: "Membership | None") -> Self:
        """The roles in an administrator's own organization; suppliers don't see people."""
        if membership is None or membership.role != Role.ADMINISTRATOR:
            return self.none()
        return self.filter(organization=membership.organization_id)

    def manageable_by(self, membership: "Membership | None") -> Self:
        """The same, because administrators manage all roles that they see."""
        return self.visible_to(membership)

    def listed(self) -> Self:
        """Administrators and teachers, sorted for an organization's list of people."""
        listed = self.filter(role__in=[Role.ADMINISTRATOR, Role.TEACHER])
        joined = listed.select_related("user", "organization")
        return joined.order_by("role", "user__folded", "pk")

    def of_user(self, user: "User") -> Self:
        """A person's ranked roles with their organizations."""
        return self.filter(user=user).select_related("organization").ranked()


# Columns of the person, by the column that has a copy.
COPIES = {"user_folded": "folded"}


@tracked(exclude=["last_used_at", *COPIES])
class Membership(models.Model):
    """A person's role in an organization."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="memberships",
        # The index of the constraint begins with it.
        db_index=False,
        verbose_name=_("user"),
    )
    organization = models.ForeignKey(
        Organization,
        models.PROTECT,
        related_name="memberships",
        # The index of people by name begins with it.
        db_index=False,
        verbose_name=_("organization"),
    )
    role = models.PositiveSmallIntegerField(_("role"), choices=Role.choices)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    last_used_at = models.DateTimeField(_("last used at"), null=True, editable=False)
    user_folded = name_key()

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        indexes = [
            # The people of an organization, searched and sorted by name.
            models.Index(
                fields=["organization", "user_folded", "user"], name="accounts_membership_by_name"
            ),
            # Nearly all are students.
            models.Index(
                fields=["role", "id"],
                condition=~models.Q(role=Role.STUDENT),
                name="accounts_membership_by_role",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "organization", "role"],
                name="accounts_membership_once",
                violation_error_message=_("This person already has this role."),
            ),
            models.CheckConstraint(
                condition=models.Q(role__in=Role.values), name="accounts_membership_role"
            ),
        ]
        triggers = [copies_person(COPIES)]

    def __str__(self) -> str:
        return f"{self.role_name} – {self.organization}"

    @property
    def subject(self) -> Subject:
        """How the activity log names the role."""
        role = str(Role(self.role).label)
        return Subject("role", self.pk, role, self.organization_id, (self.user_id,))

    @property
    def role_name(self) -> str:
        """The name of the role, as in the Role menu: "Center Admin", "Teacher", …"""
        return self.organization.name_of_role(self.role)

    @property
    def full_name(self) -> str:
        """The role with its organization: "Center Admin of Tolano Adventures"."""
        names = {"role": self.role_name, "organization": self.organization}
        return _("%(role)s of %(organization)s") % names

    @property
    def is_administrator(self) -> bool:
        return self.role == Role.ADMINISTRATOR

    @property
    def is_teacher(self) -> bool:
        return self.role == Role.TEACHER

    @property
    def is_student(self) -> bool:
        return self.role == Role.STUDENT


def any_administrator(level: int) -> Membership:
    """Return an administrator on a level, for queries that are written once for all of them."""
    organization = Organization(pk=READER, level=level)
    return Membership(role=Role.ADMINISTRATOR, organization=organization)
