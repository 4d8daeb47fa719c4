"""Creating accounts, by invitation or with a code."""

import secrets
import unicodedata
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import timedelta
from itertools import count as count_from
from typing import TypeVar

import pghistory
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from jasper_inventory.accounts import emails
from jasper_inventory.accounts.models import User
from jasper_inventory.accounts.services.addresses import checked_address, hold_address, reservable
from jasper_inventory.accounts.services.passwords import check_password_for
from jasper_inventory.accounts.throttling import count, counters
from jasper_inventory.lib.exceptions import DomainError, broken_constraint
from jasper_inventory.lib.plain_text import check_name
from jasper_inventory.lib.text import clean_address, clean_line, clean_username
from jasper_inventory.lib.waits import try_again_in

Result = TypeVar("Result")
# The constraints that fail if the username of a new account is taken.
_USERNAME = ("accounts_user_username", "accounts_user_username_key")
_EMAIL = ("accounts_user_email",)


def create_invited_account(
    *,
    username: str,
    first_name: str,
    last_name: str,
    email: str,
    password: str,
) -> User:
    """Create an account that can sign in; the history names no actor.

    Raise DomainError for the field of an invalid or taken value. The caller checks the password
    once the account has its role: `check_password_for`.
    """
    username, email = clean_username(username), clean_address(email)
    user = User(username=username, first_name=first_name, last_name=last_name, email=email)
    _check_names(user)
    if "@" in username and clean_address(username) != email:
        # Otherwise someone could sign in with another person's address and be taken for them.
        raise DomainError(
            _("Use an @ in a username only if it is your own email address."),
            field="username",
        )
    # The constraint compares lower case and doesn't name its field.
    if User.objects.called(username).exists():
        raise DomainError(_("A user with that username already exists."), field="username")
    user.set_password(password)
    try:
        user.full_clean()
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise DomainError(" ".join(messages), field=field) from None
    with pghistory.context(action="account.created"), transaction.atomic():
        if not _is_saved(user, taken=(*_USERNAME, *_EMAIL)):
            raise DomainError(_("This username or email address was just taken."), field="username")
    return user


def create_linked_account(*, first_name: str, last_name: str, email: str) -> User:
    """Create an account without password and roles, for a person whom another service vouches for.

    The service has verified the email address, if there is one.
    """
    user = User(first_name=clean_line(first_name), last_name=clean_line(last_name))
    _check_names(user)
    user.is_username_noted = False
    user.set_unusable_password()
    with pghistory.context(action="account.created"), transaction.atomic():
        if email:
            hold_address(email)
            user.email = email
        _save_under_free_name(user)
    return user


@dataclass(frozen=True)
class NewAccount:
    """The input for a new account; `sign_in_as` with an @ is an email address."""

    first_name: str
    last_name: str
    sign_in_as: str
    password: str


def create_account(
    *, account: NewAccount, address: str, then: Callable[[User], Result]
) -> tuple[User, Result]:
    """Create an account and call `then` with it in the same transaction; return both results.

    An email address is reserved for the account, which can sign in with it, and belongs to it once
    its link was opened (`confirm_address`). The username is derived from the names. If the address
    belongs to another account, nothing is reserved; the result is the same and only the owner of
    the mailbox is notified. Without an email address, the username must be free. `address` is the
    network address of the request.
    """
    made_here = f"accounts of network {address}"
    found = counters(made_here)
    if made_here in found and found[made_here].number >= settings.ACCOUNTS_PER_HOUR:
        wait = found[made_here].forget_at - timezone.now()
        text = _("Too many accounts were created from your network.")
        raise DomainError(f"{text} {try_again_in(wait)}")
    user = User(first_name=account.first_name.strip(), last_name=account.last_name.strip())
    _check_names(user)
    user.is_username_noted = False
    email = checked_address(account.sign_in_as, "sign_in_as") if "@" in account.sign_in_as else ""
    user.username = "" if email else clean_username(account.sign_in_as)
    user.set_password(account.password)
    # No actor: the account is only being created.
    with pghistory.context(action="account.created"), transaction.atomic():
        if email:
            user.unconfirmed_email = reservable(email)
            _save_under_free_name(user)
            emails.notify_new_address.enqueue(user.pk, email)
        elif not _is_saved(user):
            raise DomainError(_("This username is taken. Choose another."), field="sign_in_as")
        count({made_here: timedelta(hours=1)})
        result = then(user)
        # Now that the person has the role, which decides how long the password has to be.
        check_password_for(user, account.password)
        return user, result


def _check_names(user: User) -> None:
    check_name(user.first_name, field="first_name")
    check_name(user.last_name, field="last_name")


def _is_saved(user: User, *, taken: Collection[str] = _USERNAME) -> bool:
    """Save a new user; return False if one of the constraints `taken` fails."""
    try:
        with transaction.atomic():
            user.save(force_insert=True)
    except IntegrityError as error:
        user.pk = None
        if broken_constraint(error) not in taken:
            raise
        return False
    return True


def _save_under_free_name(user: User) -> None:
    """Save a new user with a username like "maria.lopez", followed by a number if it is taken."""
    plain = unicodedata.normalize("NFKD", f"{user.first_name}.{user.last_name}")
    kept = [char for char in plain.lower() if char.isascii() and (char.isalnum() or char == ".")]
    user.username = base = "".join(kept).strip(".")[:100] or "student"
    # With ever longer numbers, a free username is found however many people have this name.
    for digits in count_from(4):
        if _is_saved(user):
            return
        user.username = f"{base}{secrets.randbelow(10**digits):0{digits}}"
