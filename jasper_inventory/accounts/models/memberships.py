"""Memberships: the roles that people have at organizations."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from jasper_inventory.accounts.models.organizations import Organization, Role
from jasper_inventory.lib.audit import tracked


class MembershipQuerySet(models.QuerySet):
    def ranked(self):
        """The role last used first, then the highest administrator's."""
        return self.order_by(
            models.F("last_used_at").desc(nulls_last=True),
            "role",
            "organization__level",
            "organization__folded",
            "pk",
        )

    def visible_to(self, membership):
        """The roles at an administrator's own organization. Suppliers don't see people."""
        if membership is None or membership.role != Role.ADMINISTRATOR:
            return self.none()
        return self.filter(organization=membership.organization_id)

    def manageable_by(self, membership):
        """The same: an administrator manages the roles that they see."""
        return self.visible_to(membership)

    def listed(self):
        """Administrators and teachers, as the list of an organization's people shows them."""
        listed = self.filter(role__in=[Role.ADMINISTRATOR, Role.TEACHER])
        joined = listed.select_related("user", "organization")
        return joined.order_by("role", "user__folded", "pk")

    def of_user(self, user):
        """A person's roles, as the Role menu needs them: one query."""
        return self.filter(user=user).select_related("organization").ranked()


@tracked(exclude=["last_used_at"])
class Membership(models.Model):
    """A person's role at an organization."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships", verbose_name=_("user")
    )
    organization = models.ForeignKey(
        Organization,
        models.PROTECT,
        related_name="memberships",
        verbose_name=_("organization"),
    )
    role = models.PositiveSmallIntegerField(_("role"), choices=Role.choices)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    last_used_at = models.DateTimeField(_("last used at"), null=True, editable=False)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "organization", "role"],
                name="accounts_membership_once",
                violation_error_message=_("This person has this role already."),
            ),
            models.CheckConstraint(
                condition=models.Q(role__in=Role.values), name="accounts_membership_role"
            ),
        ]

    def __str__(self):
        return f"{self.role_name} – {self.organization}"

    @property
    def role_name(self):
        """The role as the Role menu names it: "Center Admin", "Teacher", …"""
        return self.organization.name_of_role(self.role)

    @property
    def full_name(self):
        """The role in a sentence: "Center Admin of Tolano Adventures"."""
        names = {"role": self.role_name, "organization": self.organization}
        return _("%(role)s of %(organization)s") % names

    @property
    def is_administrator(self):
        return self.role == Role.ADMINISTRATOR

    @property
    def is_teacher(self):
        return self.role == Role.TEACHER

    @property
    def is_student(self):
        return self.role == Role.STUDENT
