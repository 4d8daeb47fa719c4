"""Setting passwords: chosen by the user, or set by someone else and then to be changed."""

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from jasper_inventory.accounts.models import Membership, Role, User
from jasper_inventory.accounts.services.addresses import hold_address
from jasper_inventory.accounts.services.sessions import end_sessions
from jasper_inventory.accounts.sign_in_throttling import forgive
from jasper_inventory.lib.audit import audited
from jasper_inventory.lib.exceptions import DomainError, NotAllowed


def check_password_for(user: User, password: str) -> None:
    """Raise DomainError for the password field if the password is too easy to guess."""
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise DomainError(" ".join(error.messages), field="password") from None


def password_help_refusal(user: User) -> str:
    """Return why teachers can't set this user's password, or "" for a student without email."""
    if user.email:
        return _(
            "%(user)s has an email address and can use “Forgot your password?” on the sign-in "
            "page to get a link."
        ) % {"user": user}
    if user.is_staff or user.is_superuser or not user.is_active:
        return cci_only_refusal()
    if Membership.objects.filter(user=user).exclude(role=Role.STUDENT).exists():
        return cci_only_refusal()
    return ""


def cci_only_refusal() -> str:
    """Return the refusal for users whose password only CCI can set; it doesn't reveal why."""
    return _("Only CCI Learning can set this person's password. Contact Support.")


def set_student_password(*, user: User, password: str, by: User) -> None:
    """Set a new password for a student without email, to be changed at the next sign-in.

    The old password stops working and the student's sessions end. The caller checks whether `by`
    may help this student: `licenses.services.student_passwords`.
    """
    with audited("password.set", by=by) as act:
        user = User.objects.select_for_update(of=("self",)).get(pk=user.pk)
        act.on(user)
        if reason := password_help_refusal(user):
            raise NotAllowed(reason)
        check_password_for(user, password)
        user.set_password(password)
        user.password_set_at = timezone.now()
        user.must_change_password = True
        user.save(update_fields=["password", "password_set_at", "must_change_password"])
        _after_change(user)


def require_new_password(*, user: User, by: User) -> None:
    """Require a new password after CCI staff set one, unless it is their own."""
    with audited("password.set", by=by) as act:
        act.on(user)
        User.objects.filter(pk=user.pk).update(
            must_change_password=user.pk != by.pk, password_set_at=timezone.now()
        )
        _after_change(user)


def choose_password(*, password: str, by: User) -> User:
    """Set the user's own new password to replace one that someone else knows."""
    with audited("password.chosen", by=by) as act:
        act.on(by)
        user = User.objects.select_for_update(of=("self",)).get(pk=by.pk)
        check_password_for(user, password)
        if user.check_password(password):
            raise DomainError(
                _("This is your current password. Choose a different one."), field="password"
            )
        return _own(user, password)


def change_password(*, password: str, by: User) -> User:
    """Set the user's own new password, which is already checked."""
    with audited("password.chosen", by=by) as act:
        act.on(by)
        return _own(User.objects.select_for_update(of=("self",)).get(pk=by.pk), password)


def note_reset_link(user: User) -> None:
    """Store when the link that is sent now was made, so that earlier links stop working."""
    User.objects.filter(pk=user.pk).update(reset_link_at=user.reset_link_at)


def reset_password(*, password: str, by: User) -> User:
    """Set the user's own new password after an emailed link, which proves their address.

    The link's key expires when the reserved address changes: see `accounts.tokens`.
    """
    email = by.unconfirmed_email
    with audited("password.chosen", by=by) as act:
        act.on(by)
        if email:
            hold_address(email)
        user = User.objects.select_for_update(of=("self",)).get(pk=by.pk)
        if email and user.unconfirmed_email != email:
            # The page responds with 404 and doesn't show this message.
            raise DomainError("The address is no longer reserved for this account.")
        if email:
            user.email, user.unconfirmed_email = email, ""
            user.save(update_fields=["email", "unconfirmed_email"])
        return _own(user, password)


def _own(user: User, password: str) -> User:
    user.set_password(password)
    user.must_change_password = False
    user.save(update_fields=["password", "must_change_password"])
    _after_change(user)
    return user


def _after_change(user: User) -> None:
    """End all sessions; the view that changed its own password goes on in a new one."""
    forgive(user)
    end_sessions(user=user)
