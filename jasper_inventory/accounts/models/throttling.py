"""Counters of attempts, for throttling."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class Tally(models.Model):
    """How often something happened of late, such as wrong codes from an address.

    Counted in the database, not in the cache: exactly, whatever happens at once, and nobody can
    push a row out by making others.
    """

    key = models.CharField(_("key"), max_length=120, primary_key=True)
    number = models.PositiveIntegerField(_("number"))
    since = models.DateTimeField(_("since"), db_default=Now())
    last_at = models.DateTimeField(_("last at"))
    forget_at = models.DateTimeField(_("forget at"), db_index=True)

    class Meta:
        verbose_name = _("block")
        verbose_name_plural = _("blocks")

    def __str__(self):
        return f"{self.key}: {self.number}"
