"""Changes to organizations, memberships and the active role."""

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from jasper_inventory.accounts.models import Level, Membership, Organization, Role, User
from jasper_inventory.lib.exceptions import DomainError, NotAllowed
from jasper_inventory.lib.history import recorded


def require_cci_staff(by: User) -> None:
    """Raise NotAllowed unless `by` works at CCI Learning."""
    if not by.is_cci_staff:
        raise NotAllowed(_("Only CCI staff may do this."))


def create_organization(*, name: str, level: int, parent: Organization, by: User) -> Organization:
    """Add an organization below `parent`, whose level must be above `level`."""
    require_cci_staff(by)
    name = " ".join(name.split())
    if not name:
        raise DomainError(_("An organization needs a name."), field="name")
    with recorded("organization.created", by=by):
        # The tree's paths come from counting siblings: one child at a time per parent.
        parent = Organization.objects.select_for_update().get(pk=parent.pk)
        check_levels(level=level, parent=parent)
        return Organization.objects.add_child(parent, {"name": name, "level": level})


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


@transaction.atomic
def use_role(*, membership: Membership, session: Any, key: str) -> None:
    """Make a role the active one of this session, and the one offered at the next sign-in."""
    Membership.objects.filter(pk=membership.pk).update(last_used_at=timezone.now())
    session[key] = membership.pk
