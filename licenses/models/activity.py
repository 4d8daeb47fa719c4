"""The activity of an order, as its license holder and its supplier read it."""

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class ActivityKind(models.TextChoices):
    """What was done to an order."""

    REQUESTED = "requested", _("Requested")
    WITHDRAWN = "withdrawn", _("Request withdrawn")
    FORWARDED = "forwarded", _("Forwarded")
    APPROVED = "approved", _("Request approved")
    REJECTED = "rejected", _("Request rejected")
    ASSIGNED = "assigned", _("Assigned")
    RENEWED = "renewed", _("Assigned as a renewal")
    EDITED = "edited", _("Edited")
    RECLAIMED = "reclaimed", _("Seats reclaimed")
    ACTIVATED = "activated", _("Activated")
    DEACTIVATED = "deactivated", _("Deactivated")
    SUSPENDED = "suspended", _("Suspended")
    RESUMED = "resumed", _("Resumed")
    SUSPENDED_ABOVE = "suspended above", _("Suspended with its parent order")
    RESUMED_ABOVE = "resumed above", _("Resumed with its parent order")
    PAUSED = "paused", _("Enrollment paused")
    UNPAUSED = "unpaused", _("Enrollment resumed")
    CODE_REPLACED = "code replaced", _("Teacher code replaced")


class Activity(models.Model):
    """One act on an order, written by the service that performs it, in the same transaction.

    People and products are stored by their keys; texts are composed when the act is read.
    """

    order = models.ForeignKey(
        "licenses.Order", models.CASCADE, related_name="activity", verbose_name=_("order")
    )
    at = models.DateTimeField(_("at"), default=timezone.now)
    kind = models.CharField(_("kind"), max_length=20, choices=ActivityKind)
    # Empty if the act was on another order, as the reader may not know who performed it.
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("person"),
    )
    organization = models.ForeignKey(
        "accounts.Organization",
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("acted for"),
    )
    reason = models.TextField(_("reason"), blank=True)
    # See licenses.order_fields.differences.
    changes = models.JSONField(_("changes"), default=list, encoder=DjangoJSONEncoder)

    class Meta:
        verbose_name = _("activity")
        verbose_name_plural = _("activity")
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=ActivityKind.values), name="licenses_activity_kind"
            )
        ]

    def __str__(self) -> str:
        return f"{self.order_id}: {self.get_kind_display()}"
