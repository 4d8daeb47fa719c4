"""People, the tree of organizations, and who has which role where."""

import pgtrigger
from django.conf import settings
from django.contrib.auth.models import AbstractUser, UserManager
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Value
from django.db.models.functions import Concat, Lower, Now, Upper
from django.utils.translation import gettext_lazy as _
from treebeard.mp_tree import MP_Node, MP_NodeManager, MP_NodeQuerySet

from jasper_inventory.accounts.models.address_trigger import ADDRESS_TRIGGER
from jasper_inventory.accounts.models.sign_in import ADDRESS_CONSTRAINTS, NOT_IN_HISTORY, SignIn
from jasper_inventory.lib.history import tracked
from jasper_inventory.lib.references import reference

# The group whose rights in the admin each migrate brings up to date.
STAFF_GROUP = "CCI staff"
NAME_LENGTH = 120


def _searched_text():
    """What a person is found by; the index and the search have to say it alike."""
    parts = ["first_name", "last_name", "username", "email"]
    spaced = [part for name in parts for part in (Value(" "), name)][1:]
    return Concat(*spaced, output_field=models.TextField())


class UserQuerySet(models.QuerySet):
    def named(self, typed):
        """People whose name, user name or e-mail address has each typed word in it."""
        found = self.alias(searched=_searched_text())
        for word in typed.split():
            found = found.filter(searched__icontains=word)
        return found

    def addressed(self, email):
        """The account that an email address belongs to, or is reserved for."""
        email = email.lower()
        return self.filter(models.Q(email=email) | models.Q(unconfirmed_email=email))

    def signing_in_as(self, typed):
        """The account that is meant by what was typed to sign in; None where there is none."""
        typed = self.model.normalize_username(typed.strip()).replace("\0", "")
        found = self.addressed(typed).first() if "@" in typed else None
        return found or self.filter(username__iexact=typed).first()


class CaseInsensitiveUserManager(UserManager.from_queryset(UserQuerySet)):
    def get_by_natural_key(self, username):
        """The user of this name, in upper or lower case."""
        return self.get(username__iexact=username)


@tracked(exclude=NOT_IN_HISTORY)
class User(SignIn, AbstractUser):
    """One person, who signs in with user name or e-mail. Pupils may have no e-mail."""

    # The name is neutral since then, and nobody signs in with it.
    erased_at = models.DateTimeField(_("erased at"), null=True, editable=False)

    objects = CaseInsensitiveUserManager()

    class Meta(AbstractUser.Meta):
        indexes = [
            # The search for people by parts of their names and addresses.
            GinIndex(OpClass(Upper(_searched_text()), "gin_trgm_ops"), name="accounts_user_by_part")
        ]
        constraints = [
            models.UniqueConstraint(
                Lower("username"),
                name="accounts_user_username",
                violation_error_message=_("A user with that user name already exists."),
            ),
            models.UniqueConstraint(
                Lower("email"),
                condition=~models.Q(email=""),
                name="accounts_user_email",
                violation_error_message=_("A user with that e-mail address already exists."),
            ),
            # As sign-in by e-mail looks it up.
            models.CheckConstraint(
                condition=models.Q(email=Lower("email")), name="accounts_user_email_lower_case"
            ),
            *ADDRESS_CONSTRAINTS,
        ]
        triggers = [ADDRESS_TRIGGER]

    def __str__(self):
        return reference(self.pk) or self.get_full_name() or self.username

    def clean(self):
        super().clean()
        self.email = self.email.lower()

    def save(self, *args, **kwargs):
        self.email = self.email.lower()
        super().save(*args, **kwargs)

    @property
    def is_cci_staff(self):
        """Whether this person works at CCI Learning, and so in the admin."""
        return self.is_active and self.is_staff

    def administers(self, organization):
        """Whether this person is an administrator of just this organization."""
        return (
            self.is_active
            and organization is not None
            and Membership.objects.filter(
                user=self, organization=organization, role=Role.ADMINISTRATOR
            ).exists()
        )


class Level(models.IntegerChoices):
    """An organization's level; a child's is always below its parent's, levels may be skipped."""

    VENDOR = 0, _("Vendor")
    DISTRIBUTOR = 1, _("Distributor")
    RESELLER = 2, _("Reseller")
    HUB = 3, _("Hub")
    CENTER = 4, _("Center")


class OrganizationQuerySet(MP_NodeQuerySet):
    def in_scope_of(self, organization):
        """The organization and all its descendants."""
        return self.filter(path__startswith=organization.path)

    def visible_to(self, membership):
        """The organizations whose inventory this role may see."""
        if membership is None or membership.role != Role.ADMINISTRATOR:
            return self.none()
        return self.in_scope_of(membership.organization)

    def manageable_by(self, membership):
        """The organization that this role administers."""
        return self.visible_to(membership).filter(pk=membership and membership.organization_id)


class OrganizationManager(MP_NodeManager.from_queryset(OrganizationQuerySet)):
    def get_queryset(self):
        return OrganizationQuerySet(self.model, using=self._db).order_by("path")

    def vendor(self):
        """CCI Learning, the root."""
        return self.get(level=Level.VENDOR)


@tracked()
class Organization(MP_Node):
    """A node of the one tree: CCI Learning, distributors, resellers, hubs and centers."""

    name = models.CharField(_("name"), max_length=NAME_LENGTH)
    level = models.PositiveSmallIntegerField(_("level"), choices=Level.choices)

    objects = OrganizationManager()

    class Meta:
        verbose_name = _("organization")
        verbose_name_plural = _("organizations")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(depth=1, level=Level.VENDOR)
                | models.Q(depth__gt=1, level__gt=Level.VENDOR),
                name="accounts_organization_only_vendor_is_root",
                violation_error_message=_("Only the vendor is at the top of the tree."),
            ),
            models.CheckConstraint(
                condition=models.Q(level__in=Level.values),
                name="accounts_organization_level",
            ),
            models.UniqueConstraint(
                "level",
                condition=models.Q(level=Level.VENDOR),
                name="accounts_organization_one_vendor",
                violation_error_message=_("There is one vendor only."),
            ),
        ]
        triggers = [
            # Looks at the rows as they are when the transaction ends: moving a branch changes
            # paths one after the other.
            pgtrigger.Trigger(
                name="level_below_parent",
                level=pgtrigger.Row,
                when=pgtrigger.After,
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("level", "path"),
                timing=pgtrigger.Deferred,
                declare=[("me", "accounts_organization%ROWTYPE")],
                func="""
                    SELECT * INTO me FROM accounts_organization WHERE id = NEW.id;
                    IF EXISTS (
                        SELECT 1 FROM accounts_organization parent
                        WHERE parent.path = left(me.path, length(me.path) - 4)
                          AND parent.level >= me.level
                    ) OR TG_OP = 'UPDATE' AND EXISTS (
                        SELECT 1 FROM accounts_organization child
                        WHERE child.path BETWEEN me.path || '0000' AND me.path || 'ZZZZ'
                          AND child.depth = me.depth + 1 AND child.level <= me.level
                    ) THEN
                        RAISE EXCEPTION 'an organization''s level must be below its parent''s'
                        USING ERRCODE = 'check_violation',
                              CONSTRAINT = 'accounts_organization_level_below_parent';
                    END IF;
                    RETURN NULL;
                """,
            )
        ]

    def __str__(self):
        return self.name

    @property
    def supplier(self):
        """The parent: who assigns inventory to this organization; None for the vendor."""
        return type(self).objects.get_parent(self)

    @property
    def gives_on(self):
        """Whether it stands above others that it assigns licenses to: a center doesn't."""
        return self.level != Level.CENTER

    @property
    def is_vendor(self):
        return self.level == Level.VENDOR


class Role(models.IntegerChoices):
    """What a person is at an organization; the lowest number is offered first at sign-in."""

    ADMINISTRATOR = 1, _("Administrator")
    TEACHER = 2, _("Teacher")
    STUDENT = 3, _("Student")


class MembershipQuerySet(models.QuerySet):
    def ranked(self):
        """The role last used first, then the highest administrator's."""
        return self.order_by(
            models.F("last_used_at").desc(nulls_last=True),
            "role",
            "organization__level",
            "organization__name",
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
        return joined.order_by("role", "user__last_name", "user__first_name", "pk")

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
        if self.role == Role.ADMINISTRATOR:
            return _("%(level)s Admin") % {"level": self.organization.get_level_display()}
        return self.get_role_display()

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


class Tally(models.Model):
    """How often something happened of late, such as wrong codes from an address.

    Counted in the database, not in the cache: exactly, whatever happens at once, and nobody can
    push a row out by making others.
    """

    key = models.CharField(_("key"), max_length=120, primary_key=True)
    number = models.PositiveIntegerField(_("number"))
    since = models.DateTimeField(_("since"), db_default=Now())
    last_at = models.DateTimeField(_("last at"))
    forget_at = models.DateTimeField(_("forget at"), db_index=True)

    class Meta:
        verbose_name = _("block")
        verbose_name_plural = _("blocks")

    def __str__(self):
        return f"{self.key}: {self.number}"
