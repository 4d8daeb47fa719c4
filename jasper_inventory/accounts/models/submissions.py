"""Forms that were carried out: the same form sent again leads to the same result."""

from django.conf import settings
from django.contrib.messages.storage.cookie import MessageDecoder, MessageEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _


class Submission(models.Model):
    """A form that was carried out, by the token that its page carried. Kept for a few days."""

    token = models.UUIDField(_("token"), unique=True)
    # For a form that creates an account, the person it created.
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        null=True,
        related_name="+",
        verbose_name=_("sent by"),
    )
    result_url = models.TextField(_("address of the result"), blank=True)
    messages = models.JSONField(
        _("messages"), default=list, encoder=MessageEncoder, decoder=MessageDecoder
    )
    made_at = models.DateTimeField(_("sent at"), auto_now_add=True, db_index=True)

    class Meta:
        verbose_name = _("submission")
        verbose_name_plural = _("submissions")

    def __str__(self) -> str:
        return str(self.token)
