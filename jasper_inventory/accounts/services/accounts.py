"""Accounts that people make for themselves, where something lets them."""

import secrets
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar
from uuid import UUID

import pghistory
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from jasper_inventory.accounts import addresses, notifications
from jasper_inventory.accounts.models import Membership, Role, User
from jasper_inventory.accounts.tallies import count, tallies
from jasper_inventory.lib.exceptions import DomainError, NotAllowed
from jasper_inventory.lib.history import recorded
from jasper_inventory.lib.text import clean_address, clean_username

Result = TypeVar("Result")


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
    user = User(
        username=username, first_name=first_name, last_name=last_name, email=clean_address(email)
    )
    user.form_token = form_token
    # The constraint, which looks at lower case, doesn't say which field it is about.
    if User.objects.filter(username__iexact=username).exists():
        raise DomainError(_("A user with that user name already exists."), field="username")
    _set_password(user, password)
    try:
        user.full_clean(exclude=["form_token"])
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise DomainError(" ".join(messages), field=field) from None
    with pghistory.context(action="account.created"), transaction.atomic():
        if not _is_saved(user):
            raise DomainError(
                _("This user name or e-mail address was taken just now."), field="username"
            )
    return user


@dataclass(frozen=True)
class NewAccount:
    """What somebody types to make an account; an e-mail address is told by its @."""

    first_name: str
    last_name: str
    sign_in_as: str
    password: str
    form_token: UUID | None = None


def create_account(
    *, account: NewAccount, address: str, then: Callable[[User], Result]
) -> tuple[User, Result]:
    """Make a person's account and do what it is made for; both, or neither.

    An e-mail address is the account's once its link was opened (`confirm_address`), whether or
    not somebody has it already: the answer here is the same, and only the mailbox's owner is told.
    Until then one signs in by the user name, which is made of the names. A user name that is
    taken is told: another must be chosen. `address` is where the request comes from.

    A form sent twice is refused the second time, whatever the reason: see `account_of_form`.
    """
    made_here = f"accounts of address {address}"
    found = tallies(made_here)
    if made_here in found and found[made_here].number >= settings.ACCOUNTS_PER_HOUR:
        raise DomainError(_("Too many accounts were made from here. Try again in an hour."))
    user = User(first_name=account.first_name.strip(), last_name=account.last_name.strip())
    user.form_token = account.form_token
    email = clean_address(account.sign_in_as) if "@" in account.sign_in_as else ""
    user.username = "" if email else clean_username(account.sign_in_as)
    _set_password(user, account.password)
    # The actor is who is being made.
    with pghistory.context(action="account.created"), transaction.atomic():
        if email:
            _save_under_free_name(user)
            notifications.notify_new_address.enqueue(user.pk, email)
        elif not _is_saved(user):
            raise DomainError(
                _("This user name is taken. Please choose another."), field="sign_in_as"
            )
        count({made_here: timedelta(hours=1)})
        return user, then(user)


def _set_password(user: User, password: str) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise DomainError(" ".join(error.messages), field="password") from None
    user.set_password(password)


def _is_saved(user: User) -> bool:
    """Save a new user; False where the name is taken. DomainError where the form made one."""
    try:
        with transaction.atomic():
            user.save(force_insert=True)
    except IntegrityError:
        user.pk = None
        if user.form_token and User.objects.filter(form_token=user.form_token).exists():
            raise DomainError(
                _(
                    "This form was sent before and made an account, with another password. Sign "
                    "in with it, or open this page anew to make another account."
                ),
                field="password",
            ) from None
        return False
    return True


def _save_under_free_name(user: User) -> None:
    """Save a new user under a name like "maria.lopez", with a number behind it if need be."""
    plain = unicodedata.normalize("NFKD", f"{user.first_name}.{user.last_name}")
    signs = [sign for sign in plain.lower() if sign.isascii() and (sign.isalnum() or sign == ".")]
    user.username = base = "".join(signs).strip(".")[:100] or "student"
    while not _is_saved(user):
        user.username = f"{base}{secrets.randbelow(10_000):04}"


def confirm_address(*, token: str, by: User) -> str:
    """Give a person the e-mail address whose mailbox got this link; return it.

    Raises DomainError where the link is old, another's, or the address has become somebody's.
    """
    email = addresses.confirmed_by(token, by)
    if email is None:
        raise DomainError(_("This link works no longer, or belongs to another account."))
    try:
        with recorded("address.confirmed", by=by):
            if User.objects.filter(pk=by.pk, email="").update(email=email) == 1:
                return email
    except IntegrityError:
        pass
    if by.email == email:
        return email
    raise DomainError(_("This e-mail address can't be added to your account any more."))


def why_no_help_with_password(user: User) -> str:
    """Why a teacher may not set this person's password; empty for a pupil without e-mail."""
    if user.email:
        return _(
            "%(user)s has an e-mail address: the sign-in page's link to a new password goes there."
        ) % {"user": user}
    if user.is_staff or user.is_superuser or not user.is_active:
        return _("This account's password is set by CCI staff.")
    if Membership.objects.filter(user=user).exclude(role=Role.STUDENT).exists():
        return _("This is not a student's account only: its password is set by CCI staff.")
    return ""


def set_pupil_password(*, user: User, password: str, by: User) -> None:
    """Set a new password for a pupil without e-mail, whose sessions end with the old one.

    Who may help whom is for the caller to know: `licenses.services.help_with_password`.
    """
    with recorded("password.set", by=by):
        user = User.objects.select_for_update(of=("self",)).get(pk=user.pk)
        if reason := why_no_help_with_password(user):
            raise NotAllowed(reason)
        _set_password(user, password)
        user.password_set_at = timezone.now()
        user.save(update_fields=["password", "password_set_at"])
