"""Reserving email addresses for accounts, and confirming them."""

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
    """Return the address as stored; raise DomainError for its field if it isn't valid."""
    email = clean_address(email)
    try:
        validate_email(email)
        refuse_unreadable_domain(email)
    except ValidationError as error:
        raise DomainError(error.messages[0], field=field) from None
    return email


def hold_address(email: str) -> None:
    """Lock an email address until the caller's transaction ends.

    Take this lock before locking users. A database trigger takes it too for every row that gets an
    address, and then ends another account's reservation, whose row may be locked.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {ADDRESS_LOCK.format(address='%s')}", [clean_address(email)])


def reservable(email: str) -> str:
    """Return the address, or "" if it belongs to or is reserved for an account.

    The address stays locked until the caller's transaction, which writes it, ends.
    """
    hold_address(email)
    return "" if User.objects.addressed(email).exists() else email


def confirm_address(*, token: str, by: User) -> str:
    """Assign the email address of a verification link to a user and return it.

    Raises DomainError if the link expired or is another user's, or if the address is taken.
    """
    email = email_verification.confirmed_by(token, by)
    if email is None:
        raise DomainError(_("This link has expired or belongs to another account."))
    try:
        with audited("address.confirmed", by=by) as act:
            act.on(by)
            if prove_address(user=by, email=email):
                return email
            act.leave_out()
    except IntegrityError:
        pass
    if by.email == email:
        return email
    raise DomainError(_("This email address can no longer be added to your account."))


def prove_address(*, user: User, email: str) -> bool:
    """Assign a proven address to a user in the caller's transaction, ending other reservations.

    Returns False if the user already has an address.
    """
    hold_address(email)
    changed = User.objects.filter(pk=user.pk, email="").update(
        email=email, unconfirmed_email="", lost_email=""
    )
    return changed == 1


def note_username(*, by: User) -> None:
    """Stop showing a user's new username and the address that another account confirmed."""
    with audited("username.noted", by=by) as act:
        act.on(by)
        User.objects.filter(pk=by.pk).update(is_username_noted=True, lost_email="")
