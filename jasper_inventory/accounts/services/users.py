"""Accounts that people make for themselves, where something lets them."""

import secrets
import unicodedata
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import timedelta
from itertools import count as count_from
from typing import TypeVar
from uuid import UUID

import pghistory
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from jasper_inventory.accounts import emails
from jasper_inventory.accounts.models import User
from jasper_inventory.accounts.services.addresses import checked_address, reservable
from jasper_inventory.accounts.services.passwords import check_password_for
from jasper_inventory.accounts.throttling import count, tallies
from jasper_inventory.lib.exceptions import DomainError
from jasper_inventory.lib.plain_text import check_name
from jasper_inventory.lib.text import clean_address, clean_username
from jasper_inventory.lib.waits import try_again_in

Result = TypeVar("Result")
# What says that the name of a new account is taken.
_USERNAME = ("accounts_user_username", "accounts_user_username_key")
_EMAIL = ("accounts_user_email",)


def account_of_form(*, form_token: UUID | None, password: str) -> User | None:
    """Whose account the same form made when it was sent before; None where it made none.

    And where the password is another: then whoever sends it now may be somebody else.
    """
    user = form_token and User.objects.filter(form_token=form_token, is_active=True).first()
    return user if user and user.check_password(password) else None


def create_invited_account(
    *,
    username: str,
    first_name: str,
    last_name: str,
    email: str,
    password: str,
    form_token: UUID | None = None,
) -> User:
    """Make an account that can sign in; the history names no actor, since there was none yet.

    Raises DomainError, with the field, where a value is refused or taken.
    """
    username, email = clean_username(username), clean_address(email)
    user = User(username=username, first_name=first_name, last_name=last_name, email=email)
    _check_names(user)
    if "@" in username and clean_address(username) != email:
        # Otherwise somebody could sign in as, and be taken for, another one's address.
        raise DomainError(
            _("A username can't have an @ in it, unless it is your own email address."),
            field="username",
        )
    user.form_token = form_token
    # The constraint, which looks at lower case, doesn't say which field it is about.
    if User.objects.called(username).exists():
        raise DomainError(_("A user with that username already exists."), field="username")
    _set_password(user, password)
    try:
        user.full_clean(exclude=["form_token"])
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise DomainError(" ".join(messages), field=field) from None
    with pghistory.context(action="account.created"), transaction.atomic():
        if not _is_saved(user, taken=(*_USERNAME, *_EMAIL)):
            raise DomainError(
                _("This username or email address was taken just now."), field="username"
            )
    return user


@dataclass(frozen=True)
class NewAccount:
    """What somebody types to make an account; an email address is told by its @."""

    first_name: str
    last_name: str
    sign_in_as: str
    password: str
    form_token: UUID | None = None


def create_account(
    *, account: NewAccount, address: str, then: Callable[[User], Result]
) -> tuple[User, Result]:
    """Make a person's account and do what it is made for; both, or neither.

    An email address is the account's once its link was opened (`confirm_address`). Until then it
    is reserved for the account, which signs in with it, and with the username, which is made of
    the names. Where the address is another account's already nothing is reserved; the answer here
    is the same, and only the mailbox's owner is notified. A username that is taken is refused:
    another must be chosen. `address` is where the request comes from.

    A form sent twice is refused the second time, whatever the reason: see `account_of_form`.
    """
    made_here = f"accounts of network {address}"
    found = tallies(made_here)
    if made_here in found and found[made_here].number >= settings.ACCOUNTS_PER_HOUR:
        wait = found[made_here].forget_at - timezone.now()
        text = _("Too many accounts were created from your network.")
        raise DomainError(f"{text} {try_again_in(wait)}")
    user = User(first_name=account.first_name.strip(), last_name=account.last_name.strip())
    _check_names(user)
    user.form_token = account.form_token
    user.is_username_noted = False
    email = checked_address(account.sign_in_as, "sign_in_as") if "@" in account.sign_in_as else ""
    user.username = "" if email else clean_username(account.sign_in_as)
    _set_password(user, account.password)
    # The actor is who is being made.
    with pghistory.context(action="account.created"), transaction.atomic():
        if email:
            user.unconfirmed_email = reservable(email)
            _save_under_free_name(user)
            emails.notify_new_address.enqueue(user.pk, email)
        elif not _is_saved(user):
            raise DomainError(
                _("This username is taken. Please choose another."), field="sign_in_as"
            )
        count({made_here: timedelta(hours=1)})
        return user, then(user)


def _check_names(user: User) -> None:
    check_name(user.first_name, field="first_name")
    check_name(user.last_name, field="last_name")


def _set_password(user: User, password: str) -> None:
    check_password_for(user, password)
    user.set_password(password)


def _is_saved(user: User, *, taken: Collection[str] = _USERNAME) -> bool:
    """Save a new user; False where one of the constraints `taken` refuses it.

    Raises DomainError where the form made an account.
    """
    try:
        with transaction.atomic():
            user.save(force_insert=True)
    except IntegrityError as error:
        user.pk = None
        if user.form_token and User.objects.filter(form_token=user.form_token).exists():
            raise DomainError(
                _(
                    "This form was sent before and made an account, with another password. Sign "
                    "in with it, or open this page anew to make another account."
                ),
                field="password",
            ) from None
        # The driver's own error, which Django's is raised from.
        if error.__cause__.diag.constraint_name not in taken:  # type: ignore[union-attr]
            raise
        return False
    return True


def _save_under_free_name(user: User) -> None:
    """Save a new user under a name like "maria.lopez", with a number behind it if need be."""
    plain = unicodedata.normalize("NFKD", f"{user.first_name}.{user.last_name}")
    signs = [sign for sign in plain.lower() if sign.isascii() and (sign.isalnum() or sign == ".")]
    user.username = base = "".join(signs).strip(".")[:100] or "student"
    # Ever longer numbers: one of them is free, however many people have this name.
    for digits in count_from(4):
        if _is_saved(user):
            return
        user.username = f"{base}{secrets.randbelow(10**digits):0{digits}}"
