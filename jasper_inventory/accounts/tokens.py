"""The keys of password reset links."""

from django.contrib.auth.tokens import PasswordResetTokenGenerator


class AddressAwareTokenGenerator(PasswordResetTokenGenerator):
    """Django's, whose keys end with the account's address; also with that of a reservation."""

    def _make_hash_value(self, user, timestamp):
        return f"{super()._make_hash_value(user, timestamp)}|{user.unconfirmed_email}"
