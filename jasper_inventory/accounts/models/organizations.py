"""The tree of organizations, and the roles that people can have in them."""

from typing import TYPE_CHECKING, Any, ClassVar, Self

import pgtrigger
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Value
from django.utils.translation import gettext_lazy as _

from jasper_inventory.lib.audit import Subject, tracked
from jasper_inventory.lib.text import clean_line
from jasper_inventory.lib.text_fields import Folded, IsPlain, LineField, folded_key

if TYPE_CHECKING:
    from jasper_inventory.accounts.models.memberships import Membership

    # The parts of django-treebeard that are used here; it has no types.
    class MP_NodeQuerySet(models.QuerySet["Organization"]):
        pass

    class MP_NodeManager(models.Manager["Organization"]):
        def add_root(self, values: dict[str, Any]) -> "Organization": ...
        def add_child(self, parent: "Organization", values: dict[str, Any]) -> "Organization": ...
        def get_ancestors(self, node: "Organization") -> "OrganizationQuerySet": ...
        def get_children(self, node: "Organization") -> "OrganizationQuerySet": ...
        def get_parent(self, node: "Organization") -> "Organization | None": ...
        def move(self, node: "Organization", target: "Organization", pos: str) -> None: ...

    class MP_Node(models.Model):
        steplen: ClassVar[int]
        path = models.CharField(max_length=255)
        depth = models.PositiveIntegerField()
        numchild = models.PositiveIntegerField()

        class Meta:
            abstract = True

        @classmethod
        def _get_path(cls, path: str, depth: int, newstep: int) -> str: ...
        def is_child_of(self, node: "Organization") -> bool: ...

else:
    from treebeard.mp_tree import MP_Node, MP_NodeManager, MP_NodeQuerySet

NAME_LENGTH = 120


class Level(models.IntegerChoices):
    """An organization's level, always below its parent's; levels may be skipped.

    Organizations and their history store the number, so inserting a level takes a migration that
    renumbers both. Orders have a column for each: see `licenses.models.branches`. Everything else,
    such as how often a request is forwarded, follows from there and from here.
    """

    VENDOR = 0, _("Vendor")
    DISTRIBUTOR = 1, _("Distributor")
    RESELLER = 2, _("Reseller")
    HUB = 3, _("Hub")
    CENTER = 4, _("Center")


class OrganizationQuerySet(MP_NodeQuerySet):
    def called(self, typed: str) -> "list[Organization]":
        """Return the organizations with this name, or if there are none, with other spellings."""
        alike = list(self.filter(folded=Folded(Value(typed))))
        exact = clean_line(typed).casefold()
        return [one for one in alike if one.name.casefold() == exact] or alike

    def in_scope_of(self, organization: "Organization") -> Self:
        """The organization and its sub-organizations on all levels."""
        return self.filter(path__startswith=organization.path)

    def visible_to(self, membership: "Membership | None") -> Self:
        """The organizations whose inventory this role may see."""
        if membership is None or membership.role != Role.ADMINISTRATOR:
            return self.none()
        return self.in_scope_of(membership.organization)

    def manageable_by(self, membership: "Membership | None") -> Self:
        """The organization that this role administers."""
        return self.visible_to(membership).filter(pk=membership and membership.organization_id)


class OrganizationManager(MP_NodeManager):
    def get_queryset(self) -> OrganizationQuerySet:
        return OrganizationQuerySet(self.model, using=self._db).order_by("path")

    def vendor(self) -> "Organization":
        """Return CCI Learning, the root."""
        return self.get(level=Level.VENDOR)


@tracked()
class Organization(MP_Node):
    """A node of the tree: CCI Learning, a distributor, reseller, hub or center."""

    name = LineField(_("name"), max_length=NAME_LENGTH)
    level = models.PositiveSmallIntegerField(_("level"), choices=Level.choices)
    # Its administrators and teachers are led to set one up.
    requires_second_factor = models.BooleanField(
        _("requires a second factor"),
        default=False,
        db_default=False,
        help_text=_(
            "Its administrators and teachers must use an authenticator app or a passkey. They are "
            "asked to set one up on the next page that they open."
        ),
    )
    folded = folded_key(Folded("name"))

    objects = OrganizationManager.from_queryset(OrganizationQuerySet)()

    class Meta:
        verbose_name = _("organization")
        verbose_name_plural = _("organizations")
        indexes = [
            GinIndex(OpClass("folded", "gin_trgm_ops"), name="accounts_organization_by_part"),
            models.Index(fields=["folded"], name="accounts_organization_by_name"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=IsPlain("name"), name="accounts_organization_plain_text"
            ),
            models.CheckConstraint(
                condition=models.Q(depth=1, level=Level.VENDOR)
                | models.Q(depth__gt=1, level__gt=Level.VENDOR),
                name="accounts_organization_only_vendor_is_root",
                violation_error_message=_("Only the vendor can be at the top of the tree."),
            ),
            models.CheckConstraint(
                condition=models.Q(level__in=Level.values),
                name="accounts_organization_level",
            ),
            models.UniqueConstraint(
                "level",
                condition=models.Q(level=Level.VENDOR),
                name="accounts_organization_one_vendor",
                violation_error_message=_("There can only be one vendor."),
            ),
        ]
        triggers = [
            # Deferred to the end of the transaction, because moving a branch changes its paths
            # one after the other.
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

    def __str__(self) -> str:
        return self.name

    @property
    def subject(self) -> Subject:
        """How the activity log names the organization."""
        return Subject("organization", self.pk, self.name, self.pk)

    @property
    def supplier(self) -> "Organization | None":
        """The parent, which assigns inventory to this organization; None for the vendor."""
        return type(self).objects.get_parent(self)

    @property
    def is_supplier(self) -> bool:
        """Whether it can assign licenses to sub-organizations: all levels but centers can."""
        return self.level != Level.CENTER

    @property
    def is_vendor(self) -> bool:
        return self.level == Level.VENDOR

    def name_of_role(self, role: int) -> str:
        """Return the name of a role here, as in the Role menu: "Center Admin", "Teacher", …"""
        if role == Role.ADMINISTRATOR:
            return _("%(level)s Admin") % {"level": self.get_level_display()}
        return str(Role(role).label)


class Role(models.IntegerChoices):
    """A person's role in an organization; the lowest number is used first at sign-in."""

    ADMINISTRATOR = 1, _("Administrator")
    TEACHER = 2, _("Teacher")
    STUDENT = 3, _("Student")
