"""Changes to people, organizations, memberships and the active role."""

from typing import TypeVar

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from jasper_inventory.accounts.models import (
    NAME_LENGTH,
    Invitation,
    Level,
    Membership,
    Organization,
    Role,
    User,
)
from jasper_inventory.lib.audit import recorded
from jasper_inventory.lib.exceptions import DomainError, NotAllowed
from jasper_inventory.lib.text import clean_line

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
    """Keep everyone else from changing or holding the tree, until the caller's transaction ends.

    A move rewrites the paths of a whole branch: nothing may be added to it meanwhile, and nobody
    may act on where an organization stands (see `hold_place`). Taken before any order is locked.
    """
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE accounts_organization IN EXCLUSIVE MODE")


def hold_place(organization: Organization) -> Organization:
    """The organization as it stands in the tree now; nothing moves till the transaction ends.

    For what depends on who its supplier is; as `hold_tree`.
    """
    hold_tree()
    return Organization.objects.get(pk=organization.pk)


def hold_tree() -> None:
    """Let nothing move in the tree till the caller's transaction ends.

    For what writes a row that names an organization: the database looks then, at the end, whether
    it is there, and waits for who moves one. So it is taken before any order is locked, as who
    moves locks the tree first and then orders. Those who hold don't wait for each other.
    """
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE accounts_organization IN ROW SHARE MODE")


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
    name = clean_line(name)
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
    """The role that comes with joining a license there, in the caller's transaction.

    Locks the person, after all orders. Raises DomainError where the account was erased meanwhile.
    """
    person = User.objects.select_for_update(of=("self",), no_key=True).get(pk=user.pk)
    if person.erased_at is not None:
        raise DomainError(_("This person's account was erased."))
    membership, _created = Membership.objects.get_or_create(
        user=user, organization=organization, role=role
    )
    return membership


def revoke_role(*, user: User, organization: Organization, role: int, by: User) -> None:
    """Take a role away; it stops working at the person's next request.

    Administrators do so at their own organization, where one of them has to stay. What someone
    who was an administrator invited to, and wasn't accepted yet, ends with the role.
    """
    require_administrator(
        organization, by, _("Only an administrator of an organization may take its roles away.")
    )
    with recorded("role.revoked", by=by):
        # Two administrators who remove each other at once: the second one meets the first's act.
        Organization.objects.select_for_update(no_key=True).get(pk=organization.pk)
        if role == Role.ADMINISTRATOR:
            if not by.is_cci_staff:
                require_administrator_left(organization, without=user)
            Invitation.objects.open().filter(organization=organization, invited_by=user).update(
                revoked_at=timezone.now()
            )
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


def require_administrator_left(organization: Organization, *, without: User) -> None:
    """Raise DomainError where this person is the last administrator of an organization."""
    administrators = Membership.objects.filter(
        organization=organization, role=Role.ADMINISTRATOR, user__is_active=True
    )
    if not administrators.exclude(user=without).exists():
        raise DomainError(
            _("%(user)s is the last administrator of %(organization)s. Invite another one first.")
            % {"user": without, "organization": organization.name}
        )


def use_role(*, membership: Membership) -> None:
    """Note that a person works in this role: it is offered first at the next sign-in."""
    Membership.objects.filter(pk=membership.pk).update(last_used_at=timezone.now())
