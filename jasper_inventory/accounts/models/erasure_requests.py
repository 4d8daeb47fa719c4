"""Requests to erase an account."""

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from jasper_inventory.accounts.models.organizations import Organization

if TYPE_CHECKING:
    from jasper_inventory.accounts.models.memberships import Membership


class ErasureRequestQuerySet(models.QuerySet["ErasureRequest"]):
    def pending(self) -> Self:
        """Requests that CCI staff have yet to handle."""
        return self.filter(done_at=None, withdrawn_at=None)

    def visible_to(self, membership: "Membership | None") -> Self:
        """Requests of an administrator's organization to erase its students."""
        if membership is None or not membership.is_administrator:
            return self.none()
        return self.filter(asked_for=membership.organization_id)

    def manageable_by(self, membership: "Membership | None") -> Self:
        """The same, because administrators can undo them."""
        return self.visible_to(membership)


class ErasureRequest(models.Model):
    """A person's request to erase their account, or the record of an erased account."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="erasure_requests",
        verbose_name=_("person"),
    )
    # Null if CCI staff erased an account without a request.
    asked_at = models.DateTimeField(_("asked at"), null=True)
    # The administrator who asked, and for which school. Null if the person asked.
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("asked by"),
    )
    asked_for = models.ForeignKey(
        Organization,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("asked for"),
    )
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True)
    done_at = models.DateTimeField(_("erased at"), null=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("erased by"),
    )

    objects = ErasureRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("erasure request")
        verbose_name_plural = _("erasure requests")
        constraints = [
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(done_at=None, withdrawn_at=None),
                name="accounts_erasurerequest_one_pending",
                violation_error_message=_("This was already requested."),
            ),
            models.CheckConstraint(
                condition=Q(done_at=None, done_by=None)
                | Q(done_at__isnull=False, done_by__isnull=False, withdrawn_at=None),
                name="accounts_erasurerequest_done_by_and_at",
            ),
        ]

    def __str__(self) -> str:
        return str(self.user)
