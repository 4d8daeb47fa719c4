"""Saved views: searches of the License Inventory with a name."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from jasper_inventory.accounts.models.memberships import Membership
from jasper_inventory.accounts.models.organizations import Organization
from jasper_inventory.lib.text_fields import Folded, IsPlain, LineField, folded_key

QUERY_LENGTH = 2_000


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    def visible_to(self, membership: Membership) -> Self:
        """Return a person's own views in this role, and those shared at or above it."""
        path, step = membership.organization.path, Organization.steplen
        above = [path[:end] for end in range(step, len(path) + 1, step)]
        shared = Q(is_shared=True, organization__path__in=above)
        return self.filter(_own(membership) | shared)

    def manageable_by(self, membership: Membership) -> Self:
        """Return a person's own views in this role, and those that its organization shares."""
        shared = Q(is_shared=True, organization=membership.organization_id)
        return self.filter(_own(membership) | shared)

    def listed(self) -> Self:
        """Return views sorted by name, with the organization of each."""
        return self.select_related("organization").order_by("folded", "pk")


def _own(membership: Membership) -> Q:
    return Q(owner=membership.user_id, organization=membership.organization_id)


class SavedView(models.Model):
    """A search of the License Inventory with a name, of one person or shared down the tree.

    Each reader sees the orders of their own scope.
    """

    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="+", verbose_name=_("organization")
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="saved_views",
        # The index of the constraint begins with it.
        db_index=False,
        verbose_name=_("owner"),
    )
    name = LineField(_("name"), max_length=80)
    folded = folded_key(Folded("name"))
    # The parameters of its address.
    query = models.CharField(_("search"), max_length=QUERY_LENGTH, blank=True)
    is_shared = models.BooleanField(_("shared"), default=False)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "organization", "folded"], name="accounts_savedview_once"
            ),
            models.CheckConstraint(condition=IsPlain("name"), name="accounts_savedview_plain_text"),
        ]

    def __str__(self) -> str:
        return self.name
