"""Suspension: an order stops while it, or any order above it, is suspended."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from licenses.models.requests import REASON_LENGTH


class SuspensionFields(models.Model):
    """When, by whom and why an order was suspended, and how many orders above it are."""

    suspended_at = models.DateTimeField(_("suspended at"), null=True, blank=True, editable=False)
    suspended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        editable=False,
        db_index=False,
        verbose_name=_("suspended by"),
    )
    # The assigner or the vendor. Stored, as the person's roles may change later.
    suspended_by_organization = models.ForeignKey(
        "accounts.Organization",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        editable=False,
        db_index=False,
        verbose_name=_("suspended by organization"),
    )
    suspension_reason = models.CharField(max_length=REASON_LENGTH, blank=True, editable=False)
    # How many of the orders above it, from parent to parent, are themselves suspended.
    suspended_ancestors = models.PositiveSmallIntegerField(default=0, editable=False)

    # The key of the order that this one was allocated from: see `Order.parent`.
    parent_id: int | None

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    suspended_at=None,
                    suspended_by=None,
                    suspended_by_organization=None,
                    suspension_reason="",
                )
                | Q(
                    suspended_at__isnull=False,
                    suspended_by__isnull=False,
                    suspended_by_organization__isnull=False,
                )
                & ~Q(suspension_reason=""),
                name="%(app_label)s_%(class)s_suspended_by_and_at",
            ),
        ]

    @property
    def is_suspended(self) -> bool:
        """Whether the order is suspended, by itself or through an order above it."""
        return self.suspended_at is not None or self.suspended_ancestors > 0

    def stopped_by(self) -> Self | None:
        """Return the suspended order that stops this one: itself, or the nearest above it.

        Returns None if none is suspended. Otherwise uses one query per level.
        """
        if not self.is_suspended:
            return None
        order: Self | None = self
        while order is not None and order.suspended_at is None:
            above = type(self)._default_manager.select_related("suspended_by_organization")
            order = above.filter(pk=order.parent_id).first()
        return order
