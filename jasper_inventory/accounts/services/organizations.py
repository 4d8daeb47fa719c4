"""Creating organizations and placing them in the tree."""

from typing import TypeVar

from django.utils.translation import gettext as _

from jasper_inventory.accounts.models import (
    NAME_LENGTH,
    Level,
    Organization,
    User,
)
from jasper_inventory.accounts.permissions import require_cci_staff
from jasper_inventory.lib.audit import recorded
from jasper_inventory.lib.exceptions import DomainError
from jasper_inventory.lib.text import clean_line

Result = TypeVar("Result")


def create_organization(*, name: str, level: int, parent: Organization, by: User) -> Organization:
    """Add an organization below `parent`, whose level must be above `level`."""
    require_cci_staff(by)
    name = _checked_name(name)
    with recorded("organization.created", by=by):
        # The tree's paths come from counting siblings: one child at a time per parent.
        parent = Organization.objects.select_for_update().get(pk=parent.pk)
        check_levels(level=level, parent=parent)
        return Organization.objects.add_child(parent, {"name": name, "level": level})


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
