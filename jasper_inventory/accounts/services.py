"""Changes to people, organizations, memberships and the active role."""

import secrets
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

import pghistory
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from jasper_inventory.accounts import addresses, notifications
from jasper_inventory.accounts.models import (
    NAME_LENGTH,
    Level,
    Membership,
    Organization,
    Role,
    User,
)
from jasper_inventory.accounts.tallies import count, tallies
from jasper_inventory.lib.exceptions import DomainError, NotAllowed
from jasper_inventory.lib.history import recorded

Result = TypeVar("Result")


def require_cci_staff(by: User) -> None:
    """Raise NotAllowed unless `by` works at CCI Learning."""
    if not by.is_cci_staff:
        raise NotAllowed(_("Only CCI staff may do this."))


def require_administrator(organization: Organization | None, by: User, message: str) -> None:
    """Raise NotAllowed with `message` unless `by` is CCI staff or administers the organization."""
    if not by.is_cci_staff and not by.administers(organization):
        raise NotAllowed(message)


def create_organization(*, name: str, level: int, parent: Organization, by: User) -> Organization:
    """Add an organization below `parent`, whose level must be above `level`."""
    require_cci_staff(by)
    name = _checked_name(name)
    with recorded("organization.created", by=by):
        # The tree's paths come from counting siblings: one child at a time per parent.
        parent = Organization.objects.select_for_update().get(pk=parent.pk)
        check_levels(level=level, parent=parent)
        return Organization.objects.add_child(parent, {"name": name, "level": level})


def lock_tree() -> None:
    """Keep everyone else from changing the tree, until the caller's transaction ends.

    A move rewrites the paths of a whole branch: nothing may be added to it meanwhile, and nobody
    may act on where an organization stands (see `hold_place`). Taken before any order is locked.
    """
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE accounts_organization IN EXCLUSIVE MODE")


def hold_place(organization: Organization) -> Organization:
    """The organization as it stands in the tree now; nothing moves till the transaction ends.

    For what depends on who its supplier is. Taken before any order is locked, as who moves an
    organization locks the tree first and then orders. Those who hold don't wait for each other.
    """
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE accounts_organization IN ROW SHARE MODE")
    return Organization.objects.get(pk=organization.pk)


def place_organization(
    *, organization: Organization, name: str, level: int, parent: Organization | None
) -> Organization:
    """Name an organization, set its level, and put it with all that is below it below `parent`.

    Its level must be below its parent's and above its children's; the vendor has no parent. Only
    the tree is changed, in the caller's transaction, which has locked it: people call
    `inventory.moving.edit_organization`, which knows of the orders.
    """
    name = _checked_name(name)
    organization = Organization.objects.get(pk=organization.pk)
    if organization.is_vendor:
        if parent is not None or level != Level.VENDOR:
            raise DomainError(_("The vendor stays at the top of the tree."), field="level")
    elif parent is None:
        raise DomainError(_("Only the vendor is at the top of the tree."), field="parent")
    else:
        _place(organization, level=level, parent=Organization.objects.get(pk=parent.pk))
    Organization.objects.filter(pk=organization.pk).update(name=name, level=level)
    return Organization.objects.get(pk=organization.pk)


def _place(organization: Organization, *, level: int, parent: Organization) -> None:
    """Check the levels around an organization and put it below `parent`."""
    if Organization.objects.in_scope_of(organization).filter(pk=parent.pk).exists():
        raise DomainError(_("An organization can't be below itself."), field="parent")
    check_levels(level=level, parent=parent)
    children = Organization.objects.get_children(organization)
    highest = children.order_by("level").first()
    if highest is not None and highest.level <= level:
        raise DomainError(
            _("%(child)s, which is below it, is a %(level)s.")
            % {"child": highest.name, "level": highest.get_level_display()},
            field="level",
        )
    if organization.supplier != parent:
        Organization.objects.move(organization, parent, pos="last-child")


def _checked_name(name: str) -> str:
    name = " ".join(name.split())
    if not name:
        raise DomainError(_("An organization needs a name."), field="name")
    if len(name) > NAME_LENGTH:
        raise DomainError(_("At most %(most)d characters.") % {"most": NAME_LENGTH}, field="name")
    return name


def check_levels(*, level: int, parent: Organization) -> None:
    """Raise DomainError unless an organization of `level` may stand below `parent`."""
    if level <= parent.level:
        raise DomainError(
            _("A %(level)s can't be below %(parent)s, which is a %(parent_level)s.")
            % {
                "level": Level(level).label,
                "parent": parent.name,
                "parent_level": parent.get_level_display(),
            },
            field="level",
        )


def grant_role(*, user: User, organization: Organization, role: int, by: User) -> Membership:
    """Give a person a role at an organization; having it already is no error."""
    require_cci_staff(by)
    if organization.is_vendor:
        raise DomainError(
            _("People of %(name)s work in the admin; they need no role there.")
            % {"name": organization.name},
            field="organization",
        )
    with recorded("role.granted", by=by):
        membership, _created = Membership.objects.get_or_create(
            user=user, organization=organization, role=role
        )
    return membership


def add_role(*, user: User, organization: Organization, role: int) -> Membership:
    """The role that comes with joining a license there, in the caller's transaction."""
    membership, _created = Membership.objects.get_or_create(
        user=user, organization=organization, role=role
    )
    return membership


def revoke_role(*, user: User, organization: Organization, role: int, by: User) -> None:
    """Take a role away; it stops working at the person's next request."""
    require_cci_staff(by)
    with recorded("role.revoked", by=by):
        gone, _rows = Membership.objects.filter(
            user=user, organization=organization, role=role
        ).delete()
        if not gone:
            raise DomainError(
                _("%(user)s is not %(role)s of %(organization)s.")
                % {
                    "user": user.username,
                    "role": Role(role).label,
                    "organization": organization.name,
                }
            )


def use_role(*, membership: Membership) -> None:
    """Note that a person works in this role: it is offered first at the next sign-in."""
    Membership.objects.filter(pk=membership.pk).update(last_used_at=timezone.now())


@dataclass(frozen=True)
class NewAccount:
    """What somebody types to make an account; an e-mail address is told by its @."""

    first_name: str
    last_name: str
    sign_in_as: str
    password: str


def create_account(
    *, account: NewAccount, address: str, then: Callable[[User], Result]
) -> tuple[User, Result]:
    """Make a person's account and do what it is made for; both, or neither.

    An e-mail address is the account's once its link was opened (`confirm_address`), whether or
    not somebody has it already: the answer here is the same, and only the mailbox's owner is told.
    Until then one signs in by the user name, which is made of the names. A user name that is
    taken is told: another must be chosen. `address` is where the request comes from.
    """
    made_here = f"accounts of address {address}"
    found = tallies(made_here)
    if made_here in found and found[made_here].number >= settings.ACCOUNTS_PER_HOUR:
        raise DomainError(_("Too many accounts were made from here. Try again in an hour."))
    user = User(first_name=account.first_name.strip(), last_name=account.last_name.strip())
    email = account.sign_in_as.strip().lower() if "@" in account.sign_in_as else ""
    user.username = "" if email else User.normalize_username(account.sign_in_as.strip())
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
    """Save a new user; False where the name is taken."""
    try:
        with transaction.atomic():
            user.save(force_insert=True)
    except IntegrityError:
        user.pk = None
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
