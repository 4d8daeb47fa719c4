"""Sessions of browsers where nobody is signed in: counted by the network address that made them."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class AnonymousSession(models.Model):
    """That a session was made for nobody signed in, and from where; it is short and may be dropped.

    Signing in replaces the session's key, so no row here is ever that of someone signed in.
    """

    session_key = models.CharField(_("session key"), max_length=40, primary_key=True)
    # With the browser's key behind it, where the browser was known.
    address = models.CharField(_("network address"), max_length=60)
    created_at = models.DateTimeField(_("created at"), db_index=True)

    class Meta:
        verbose_name = _("anonymous session")
        verbose_name_plural = _("anonymous sessions")
        indexes = [
            models.Index(fields=["address", "-created_at"], name="accounts_anonymous_by_address")
        ]

    def __str__(self):
        return self.address
