"""Notices: emails that are stored before they are delivered."""

from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from jasper_inventory.lib.text_fields import Folded


class NoticeQuerySet(models.QuerySet["Notice"]):
    def unsent(self) -> Self:
        """Notices that are waiting for delivery or have failed so far, but may still be sent."""
        return self.filter(sent_at=None, given_up_at=None)

    def expired(self) -> Self:
        """Unsent notices whose link no longer works."""
        return self.unsent().filter(expires_at__lt=timezone.now())


class Notice(models.Model):
    """An email to one address, with its delivery status."""

    kind = models.CharField(_("kind"), max_length=40)
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="notices",
        verbose_name=_("recipient"),
    )
    address = models.EmailField(_("address"))
    subject = models.CharField(_("subject"), max_length=250)
    text = models.TextField(_("text"))
    html = models.TextField(_("HTML"), blank=True)
    # Keys of the people that the texts refer to: see `lib/references.py`.
    people = ArrayField(models.BigIntegerField(), default=list, editable=False)
    # Each event is emailed to an address only once, even if its task runs again. Null rather than
    # empty, because an address may have many notices without an event.
    event = models.CharField(_("event"), max_length=80, null=True, editable=False)  # noqa: DJ001
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    sent_at = models.DateTimeField(_("sent at"), null=True, editable=False)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0, editable=False)
    last_error = models.TextField(_("last error"), blank=True, editable=False)
    # Until then, a worker may be sending it, and no other may.
    claimed_until = models.DateTimeField(_("claimed until"), null=True, editable=False)
    # When its link stops working: it isn't sent after that.
    expires_at = models.DateTimeField(_("link expires at"), null=True, editable=False)
    # It won't be sent: the address was refused for good, or the link has expired.
    given_up_at = models.DateTimeField(_("given up at"), null=True, editable=False)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        constraints = [
            models.UniqueConstraint(fields=["event", "address"], name="accounts_notice_once"),
            models.CheckConstraint(
                condition=models.Q(sent_at=None) | models.Q(given_up_at=None),
                name="accounts_notice_sent_or_given_up",
            ),
        ]
        indexes = [
            models.Index(
                fields=["created_at"],
                condition=models.Q(sent_at=None, given_up_at=None),
                name="accounts_notice_to_send",
            ),
            models.Index(
                fields=["id"],
                condition=models.Q(given_up_at__isnull=False),
                name="accounts_notice_given_up",
            ),
            models.Index(fields=["kind", "id"], name="accounts_notice_by_kind"),
            GinIndex(OpClass(Folded("address"), "gin_trgm_ops"), name="accounts_notice_by_address"),
            GinIndex(OpClass(Folded("subject"), "gin_trgm_ops"), name="accounts_notice_by_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} → {self.address}"


class RefusedAddress(models.Model):
    """An address whose mail server refuses our emails for good, until one is accepted again."""

    address = models.EmailField(_("address"), unique=True)
    answer = models.CharField(_("answer of its mail server"), max_length=250)
    refused_at = models.DateTimeField(_("refused at"))

    class Meta:
        verbose_name = _("refused address")
        verbose_name_plural = _("refused addresses")
        ordering = ["-refused_at", "-pk"]

    def __str__(self) -> str:
        return self.address
