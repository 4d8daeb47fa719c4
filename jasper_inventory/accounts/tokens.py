"""Keys of password reset links."""

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.tokens import PasswordResetTokenGenerator

from jasper_inventory.accounts.models import User


class AddressAwareTokenGenerator(PasswordResetTokenGenerator):
    """Django's generator, whose keys also expire when the reserved email address changes."""

    def _make_hash_value(self, user: AbstractBaseUser, timestamp: int) -> str:
        assert isinstance(user, User)
        return f"{super()._make_hash_value(user, timestamp)}|{user.unconfirmed_email}"
