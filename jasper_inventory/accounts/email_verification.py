"""Proof that a mailbox is somebody's own: a signed link that only its owner gets."""

from datetime import timedelta

from django.core import signing

from jasper_inventory.accounts.models import User

VALID_FOR = timedelta(days=7)
_SALT = "accounts.addresses"


def token_for(user: User, email: str) -> str:
    """What the mailed link carries."""
    return signing.dumps([user.pk, email], salt=_SALT)


def confirmed_by(token: str, user: User) -> str | None:
    """The address that a link proves to be this person's; None where it proves nothing."""
    try:
        pk, email = signing.loads(token, salt=_SALT, max_age=VALID_FOR)
    except signing.BadSignature:
        return None
    return email if pk == user.pk else None
