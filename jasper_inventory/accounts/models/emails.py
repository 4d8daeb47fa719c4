"""Notices: the emails that are written down before they are delivered."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _


class NoticeQuerySet(models.QuerySet):
    def unsent(self):
        """Waiting to be delivered, or failed so far."""
        return self.filter(sent_at=None)


class Notice(models.Model):
    """One email to one address: a record, so that silence can be told from failure."""

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
    # The keys of whom the texts name: by reference, see `lib/references.py`.
    people = ArrayField(models.BigIntegerField(), default=list, editable=False)
    # One event tells one person once, also when its task runs again. Null rather than empty: those
    # without an event may be many, of one address.
    event = models.CharField(_("event"), max_length=80, null=True, editable=False)  # noqa: DJ001
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    sent_at = models.DateTimeField(_("sent at"), null=True, editable=False)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0, editable=False)
    last_error = models.TextField(_("last error"), blank=True, editable=False)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        constraints = [
            models.UniqueConstraint(fields=["event", "address"], name="accounts_notice_once")
        ]
        indexes = [
            models.Index(
                fields=["created_at"],
                condition=models.Q(sent_at=None),
                name="accounts_notice_unsent",
            )
        ]

    def __str__(self):
        return f"{self.kind} → {self.address}"
