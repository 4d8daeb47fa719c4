"""Counters of attempts, for throttling."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class Tally(models.Model):
    """A counter of recent attempts, such as wrong codes from a network address.

    It is in the database, not the cache, so that it is exact under concurrency and can't be pushed
    out by other entries.
    """

    key = models.CharField(_("key"), max_length=120, primary_key=True)
    number = models.PositiveIntegerField(_("number"))
    since = models.DateTimeField(_("since"), db_default=Now())
    last_at = models.DateTimeField(_("last at"))
    forget_at = models.DateTimeField(_("forget at"), db_index=True)

    class Meta:
        verbose_name = _("block")
        verbose_name_plural = _("blocks")

    def __str__(self) -> str:
        return f"{self.key}: {self.number}"
