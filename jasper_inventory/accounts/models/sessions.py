"""Sessions: of signed-in people, and of visitors."""

from importlib import import_module
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.sessions.base_session import AbstractBaseSession, BaseSessionManager
from django.db import models
from django.utils.translation import gettext_lazy as _

from jasper_inventory.accounts.models.users import User

if TYPE_CHECKING:
    from jasper_inventory.accounts.session_store import SessionStore


class SessionQuerySet(models.QuerySet["Session"]):
    def of_user(self, user: User) -> "SessionQuerySet":
        """The sessions in which this person is signed in, the last used first."""
        return self.filter(user=user).order_by("-seen_at", "pk")


class Session(AbstractBaseSession):
    """Django's session with its person, found by a hash of the key in the browser's cookie.

    `expire_date` is the end by both limits: see `accounts.session_store`.
    """

    # The hash, so that no one who reads the database can use a session.
    session_key = models.CharField(_("hash of the session key"), max_length=64, primary_key=True)
    # These are empty for visitors who aren't signed in.
    user = models.ForeignKey(User, models.CASCADE, null=True, verbose_name=_("user"))
    began_at = models.DateTimeField(_("signed in at"), null=True)
    seen_at = models.DateTimeField(_("last seen at"), null=True)
    browser = models.CharField(_("browser"), max_length=60, blank=True)
    address = models.CharField(_("network address"), max_length=60, blank=True)

    # As in `User`: the base class declares a ClassVar.
    objects = BaseSessionManager.from_queryset(SessionQuerySet)()  # type: ignore[misc]

    class Meta:
        verbose_name = _("session")
        verbose_name_plural = _("sessions")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(user=None, began_at=None, seen_at=None)
                | models.Q(user__isnull=False, began_at__isnull=False, seen_at__isnull=False),
                name="accounts_session_of_user",
            )
        ]

    @classmethod
    def get_session_store_class(cls) -> "type[SessionStore]":
        """Return the store that reads and writes these sessions."""
        # By its name, because the store imports the model.
        store: type[SessionStore] = import_module(settings.SESSION_ENGINE).SessionStore
        return store


class AnonymousSession(models.Model):
    """A session of a visitor who isn't signed in; it may be deleted to make room for others.

    Signing in replaces the session's key, so this is never the session of a signed-in user.
    """

    session_key = models.CharField(_("hash of the session key"), max_length=64, primary_key=True)
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
