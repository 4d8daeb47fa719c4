"""Sessions of visitors who aren't signed in, counted by network address."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class AnonymousSession(models.Model):
    """A session of a visitor who isn't signed in; it may be deleted to make room for others.

    Signing in replaces the session's key, so this is never the session of a signed-in user.
    """

    session_key = models.CharField(_("session key"), max_length=40, primary_key=True)
    # Followed by the browser's key if the browser is known.
    address = models.CharField(_("network address"), max_length=60)
    created_at = models.DateTimeField(_("created at"), db_index=True)

    class Meta:
        verbose_name = _("anonymous session")
        verbose_name_plural = _("anonymous sessions")
        indexes = [
            models.Index(fields=["address", "-created_at"], name="accounts_anonymous_by_address")
        ]

    def __str__(self) -> str:
        return self.address
