"""Records of CCI staff viewing people, who belong to their own organization."""

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _


class Look(models.Model):
    """An admin page that showed people to a member of CCI staff; never changed or deleted.

    It records the people on the page, but not the search text that found them.
    """

    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="looks", verbose_name=_("by")
    )
    at = models.DateTimeField(_("at"), auto_now_add=True)
    page = models.CharField(_("page"), max_length=120)
    is_search = models.BooleanField(_("searched"), default=False)
    people = ArrayField(models.BigIntegerField(), verbose_name=_("people"))

    class Meta:
        verbose_name = _("view of personal data")
        verbose_name_plural = _("views of personal data")
        ordering = ["-pk"]
        indexes = [models.Index(fields=["page", "id"], name="accounts_look_by_page")]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.page}: {len(self.people)}"
