"""What happened to an order, as its two sides read it."""

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class ActivityKind(models.TextChoices):
    """What was done, in the reader's words."""

    REQUESTED = "requested", _("Requested")
    WITHDRAWN = "withdrawn", _("Request withdrawn")
    FORWARDED = "forwarded", _("Passed on to the next supplier")
    APPROVED = "approved", _("Request approved")
    REJECTED = "rejected", _("Request rejected")
    ASSIGNED = "assigned", _("Assigned")
    RENEWED = "renewed", _("Assigned, as a renewal")
    EDITED = "edited", _("Edited")
    RECLAIMED = "reclaimed", _("Places taken back")
    ACTIVATED = "activated", _("Activated")
    DEACTIVATED = "deactivated", _("Deactivated")
    SUSPENDED = "suspended", _("Suspended")
    RESUMED = "resumed", _("Resumed")
    SUSPENDED_ABOVE = "suspended above", _("Suspended with the license that it came from")
    RESUMED_ABOVE = "resumed above", _("No longer suspended with the license that it came from")
    PAUSED = "paused", _("New enrollments paused")
    UNPAUSED = "unpaused", _("New enrollments allowed again")
    CODE_REPLACED = "code replaced", _("Teacher code replaced")


class Activity(models.Model):
    """One act on an order. Written by the service that does it, in the same transaction.

    People are named by their keys alone, and so are products: texts are made when it is read.
    """

    order = models.ForeignKey(
        "licenses.Order", models.CASCADE, related_name="activity", verbose_name=_("order")
    )
    at = models.DateTimeField(_("at"), default=timezone.now)
    kind = models.CharField(_("kind"), max_length=20, choices=ActivityKind)
    # Empty where the reader isn't to know who did it: it was done to another order.
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
    # See licenses.labels.differences.
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

    def __str__(self):
        return f"{self.order_id}: {self.get_kind_display()}"
