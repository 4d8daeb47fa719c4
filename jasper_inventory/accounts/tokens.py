"""Keys of password reset links."""

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.utils import timezone

from jasper_inventory.accounts.models import User


class NewestTokenGenerator(PasswordResetTokenGenerator):
    """Django's generator, of whose keys only the newest works.

    Keys also expire when the reserved email address changes.
    """

    def make_token(self, user: AbstractBaseUser) -> str:
        """Return a new key, which is valid once `note_reset_link` has stored its time."""
        assert isinstance(user, User)
        user.reset_link_at = timezone.now()
        return super().make_token(user)

    def _make_hash_value(self, user: AbstractBaseUser, timestamp: int) -> str:
        assert isinstance(user, User)
        newest = user.reset_link_at.isoformat() if user.reset_link_at else ""
        return f"{super()._make_hash_value(user, timestamp)}|{user.unconfirmed_email}|{newest}"
