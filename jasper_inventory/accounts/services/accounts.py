"""Accounts that people make for themselves, where something lets them."""

import pghistory
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from jasper_inventory.accounts.models import User
from jasper_inventory.lib.exceptions import DomainError


def create_account(
    *, username: str, first_name: str, last_name: str, email: str, password: str
) -> User:
    """Make an account that can sign in; the history names no actor, since there was none yet.

    Raises DomainError, with the field, where a value is refused or taken.
    """
    user = User(username=username, first_name=first_name, last_name=last_name, email=email.lower())
    # The constraint, which looks at lower case, doesn't say which field it is about.
    if User.objects.filter(username__iexact=username).exists():
        raise DomainError(_("A user with that user name already exists."), field="username")
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise DomainError(" ".join(error.messages), field="password") from None
    user.set_password(password)
    try:
        user.full_clean()
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise DomainError(" ".join(messages), field=field) from None
    with pghistory.context(action="account.created"), transaction.atomic():
        try:
            with transaction.atomic():
                user.save()
        except IntegrityError:
            raise DomainError(
                _("This user name or e-mail address was taken just now."), field="username"
            ) from None
    return user
