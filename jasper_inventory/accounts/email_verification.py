"""Email verification by a signed link that only the mailbox's owner gets."""

from datetime import timedelta

from django.core import signing

from jasper_inventory.accounts.models import User

VALID_FOR = timedelta(days=7)
_SALT = "accounts.addresses"


def token_for(user: User, email: str) -> str:
    """Return the token of a verification link."""
    return signing.dumps([user.pk, email], salt=_SALT)


def confirmed_by(token: str, user: User) -> str | None:
    """Return the email address that a token verifies for this user, or None."""
    try:
        pk, email = signing.loads(token, salt=_SALT, max_age=VALID_FOR)
    except signing.BadSignature:
        return None
    return email if pk == user.pk else None
