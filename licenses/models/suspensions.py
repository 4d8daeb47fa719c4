"""An order stops while it, or an order that it was carved from, is suspended."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from licenses.models.requests import REASON_LENGTH


class SuspensionFields(models.Model):
    """When, by whom and why an order was suspended, and how many above it are."""

    suspended_at = models.DateTimeField(_("suspended at"), null=True, blank=True, editable=False)
    suspended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        editable=False,
        verbose_name=_("suspended by"),
    )
    # Who assigned it, or the vendor: what the person is may change later.
    suspended_by_organization = models.ForeignKey(
        "accounts.Organization",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        editable=False,
        verbose_name=_("suspended by organization"),
    )
    suspension_reason = models.CharField(max_length=REASON_LENGTH, blank=True, editable=False)
    # How many of the orders it was carved from are themselves suspended.
    suspended_ancestors = models.PositiveSmallIntegerField(default=0, editable=False)

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
    def is_suspended(self):
        """By its supplier, or through an order that it was carved from."""
        return self.suspended_at is not None or self.suspended_ancestors > 0

    def stopped_by(self):
        """The suspended order that stops this one: itself, or the nearest that it was carved from.

        None where nothing is suspended. Queries once a level.
        """
        order = self
        while order is not None and order.suspended_at is None:
            above = type(self).objects.select_related("suspended_by_organization")
            order = above.filter(pk=order.parent_id).first()
        return order
