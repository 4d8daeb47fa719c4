"""Creating organizations and changing their position in the tree."""

from typing import TypeVar

from django.utils.translation import gettext as _

from jasper_inventory.accounts.models import (
    NAME_LENGTH,
    Level,
    Organization,
    User,
)
from jasper_inventory.accounts.permissions import require_cci_staff
from jasper_inventory.lib.audit import audited
from jasper_inventory.lib.exceptions import DomainError
from jasper_inventory.lib.text import clean_line

Result = TypeVar("Result")


def create_organization(*, name: str, level: int, parent: Organization, by: User) -> Organization:
    """Add an organization below `parent`, whose level must be above `level`."""
    require_cci_staff(by)
    name = _checked_name(name)
    with audited("organization.created", by=by) as act:
        # Paths depend on the number of siblings, so only one child at a time may be added.
        parent = Organization.objects.select_for_update().get(pk=parent.pk)
        check_levels(level=level, parent=parent)
        created = Organization.objects.add_child(parent, {"name": name, "level": level})
        act.on(created)
        act.changes(None, {"level": level, "parent": parent.pk})
        return created


def update_position(
    *, organization: Organization, name: str, level: int, parent: Organization | None
) -> Organization:
    """Set an organization's name and level, and move it with its sub-organizations to `parent`.

    The level must be below the parent's and above the children's; the vendor has no parent. This
    changes only the tree, which the caller must have locked in its transaction. Use
    `support.organization_moves.edit_organization`, which also considers orders.
    """
    name = _checked_name(name)
    organization = Organization.objects.get(pk=organization.pk)
    if organization.is_vendor:
        if parent is not None or level != Level.VENDOR:
            raise DomainError(_("The vendor must remain at the top of the tree."), field="level")
    elif parent is None:
        raise DomainError(_("Only the vendor can be at the top of the tree."), field="parent")
    else:
        _move(organization, level=level, parent=Organization.objects.get(pk=parent.pk))
    Organization.objects.filter(pk=organization.pk).update(name=name, level=level)
    return Organization.objects.get(pk=organization.pk)


def _move(organization: Organization, *, level: int, parent: Organization) -> None:
    """Check the levels around an organization and move it to `parent`."""
    if Organization.objects.in_scope_of(organization).filter(pk=parent.pk).exists():
        raise DomainError(
            _("An organization can't be its own sub-organization. Choose another parent."),
            field="parent",
        )
    check_levels(level=level, parent=parent)
    children = Organization.objects.get_children(organization)
    highest = children.order_by("level").first()
    if highest is not None and highest.level <= level:
        raise DomainError(
            _("Choose a level above that of its sub-organization %(child)s (%(level)s).")
            % {"child": highest.name, "level": highest.get_level_display()},
            field="level",
        )
    if organization.supplier != parent:
        Organization.objects.move(organization, parent, pos="last-child")


def _checked_name(name: str) -> str:
    name = clean_line(name)
    if not name:
        raise DomainError(_("Enter a name for the organization."), field="name")
    if len(name) > NAME_LENGTH:
        raise DomainError(
            _("Use at most %(most)d characters.") % {"most": NAME_LENGTH}, field="name"
        )
    return name


def check_levels(*, level: int, parent: Organization) -> None:
    """Raise DomainError unless an organization of `level` may be below `parent`."""
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
