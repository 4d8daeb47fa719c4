"""Email addresses: reserved for the account that typed one, owned by the account that proves it."""

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, connection
from django.utils.translation import gettext as _

from jasper_inventory.accounts import email_verification
from jasper_inventory.accounts.models import User
from jasper_inventory.accounts.models.address_trigger import ADDRESS_LOCK
from jasper_inventory.lib.audit import audited
from jasper_inventory.lib.exceptions import DomainError
from jasper_inventory.lib.text import clean_address, refuse_unreadable_domain


def checked_address(email: str, field: str = "email") -> str:
    """The address as it is stored; raise DomainError, at its field, where no mail can reach it."""
    email = clean_address(email)
    try:
        validate_email(email)
        refuse_unreadable_domain(email)
    except ValidationError as error:
        raise DomainError(error.messages[0], field=field) from None
    return email


def hold_address(email: str) -> None:
    """Let nobody else get this address until the caller's transaction ends.

    Taken before any person's row is locked. The database takes it too, for every row that gets an
    address, and then ends the reservation of another account, whose row may be locked.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {ADDRESS_LOCK.format(address='%s')}", [clean_address(email)])


def reservable(email: str) -> str:
    """The address, or an empty one where it belongs to an account or is reserved for one.

    In the caller's transaction, which writes it: nobody gets it meanwhile.
    """
    hold_address(email)
    return "" if User.objects.addressed(email).exists() else email


def confirm_address(*, token: str, by: User) -> str:
    """Give a person the email address whose mailbox got this link; return it.

    Raises DomainError where the link is old, another's, or the address has become somebody's.
    """
    email = email_verification.confirmed_by(token, by)
    if email is None:
        raise DomainError(_("This link no longer works, or it belongs to another account."))
    try:
        with audited("address.confirmed", by=by):
            if prove_address(user=by, email=email):
                return email
    except IntegrityError:
        pass
    if by.email == email:
        return email
    raise DomainError(_("This email address can't be added to your account any more."))


def prove_address(*, user: User, email: str) -> bool:
    """Make a proven address the person's own; another account's reservation ends.

    False where the person has an address already. In the caller's transaction.
    """
    hold_address(email)
    changed = User.objects.filter(pk=user.pk, email="").update(
        email=email, unconfirmed_email="", lost_email=""
    )
    return changed == 1


def note_username(*, by: User) -> None:
    """The person has noted the username: it isn't shown any more, nor which address was lost."""
    with audited("username.noted", by=by):
        User.objects.filter(pk=by.pk).update(is_username_noted=True, lost_email="")
