"""Passwords: chosen by their person, or set by somebody else and then to be changed."""

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from jasper_inventory.accounts.models import Membership, Role, User
from jasper_inventory.accounts.services.addresses import hold_address
from jasper_inventory.accounts.sign_in_throttling import forgive
from jasper_inventory.lib.audit import audited
from jasper_inventory.lib.exceptions import DomainError, NotAllowed


def check_password_for(user: User, password: str) -> None:
    """Raise DomainError, at the password's field, where it is too easy to guess."""
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise DomainError(" ".join(error.messages), field="password") from None


def why_no_help_with_password(user: User) -> str:
    """Why a teacher may not set this person's password; empty for a student without email."""
    if user.email:
        return _(
            "%(user)s has an email address. “Forgot your password?” on the sign-in page sends a "
            "link there."
        ) % {"user": user}
    if user.is_staff or user.is_superuser or not user.is_active:
        return only_cci_sets_it()
    if Membership.objects.filter(user=user).exclude(role=Role.STUDENT).exists():
        return only_cci_sets_it()
    return ""


def only_cci_sets_it() -> str:
    """The one answer for everyone whose password is CCI's to set: it reveals nothing else."""
    return _("Only CCI Learning can set this person's password. Ask Support.")


def set_pupil_password(*, user: User, password: str, by: User) -> None:
    """Set a new password for a student without email, to be changed at the next sign-in.

    The old password stops working and the student's sessions end.
    Who may help whom is for the caller to know: `licenses.services.help_with_password`.
    """
    with audited("password.set", by=by):
        user = User.objects.select_for_update(of=("self",)).get(pk=user.pk)
        if reason := why_no_help_with_password(user):
            raise NotAllowed(reason)
        check_password_for(user, password)
        user.set_password(password)
        user.password_set_at = timezone.now()
        user.must_change_password = True
        user.save(update_fields=["password", "password_set_at", "must_change_password"])
        forgive(user)


def require_new_password(*, user: User, by: User) -> None:
    """CCI staff have just set this password: unless it is their own, it must be changed."""
    with audited("password.set", by=by):
        User.objects.filter(pk=user.pk).update(
            must_change_password=user.pk != by.pk, password_set_at=timezone.now()
        )
        forgive(user)


def choose_password(*, password: str, by: User) -> User:
    """The person's own new password, instead of one that somebody else knows."""
    with audited("password.chosen", by=by):
        user = User.objects.select_for_update(of=("self",)).get(pk=by.pk)
        check_password_for(user, password)
        if user.check_password(password):
            raise DomainError(
                _("This is the password you were given. Choose another one."), field="password"
            )
        return _own(user, password)


def change_password(*, password: str, by: User) -> User:
    """The person's own new password, already checked; nobody else knows it."""
    with audited("password.chosen", by=by):
        return _own(User.objects.select_for_update(of=("self",)).get(pk=by.pk), password)


def reset_password(*, password: str, by: User) -> User:
    """The same by a link that was emailed, which proves the address it was sent to.

    The link's key ends with the reservation of its address: see `accounts.tokens`.
    """
    email = by.unconfirmed_email
    with audited("password.chosen", by=by):
        if email:
            hold_address(email)
        user = User.objects.select_for_update(of=("self",)).get(pk=by.pk)
        if email and user.unconfirmed_email != email:
            # Its page is not found then, and shows no message.
            raise DomainError("The address is no longer reserved for this account.")
        if email:
            user.email, user.unconfirmed_email = email, ""
            user.save(update_fields=["email", "unconfirmed_email"])
        return _own(user, password)


def _own(user: User, password: str) -> User:
    user.set_password(password)
    user.must_change_password = False
    user.save(update_fields=["password", "must_change_password"])
    forgive(user)
    return user
