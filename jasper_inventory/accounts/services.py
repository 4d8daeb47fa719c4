"""Changes to organizations, memberships and the active role."""

from collections.abc import Collection

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from jasper_inventory.accounts.models import (
    NAME_LENGTH,
    Level,
    Membership,
    MutedTopic,
    Organization,
    Role,
    Topic,
    User,
)
from jasper_inventory.lib.exceptions import DomainError, NotAllowed
from jasper_inventory.lib.history import recorded


def require_cci_staff(by: User) -> None:
    """Raise NotAllowed unless `by` works at CCI Learning."""
    if not by.is_cci_staff:
        raise NotAllowed(_("Only CCI staff may do this."))


def require_administrator(organization: Organization | None, by: User, message: str) -> None:
    """Raise NotAllowed with `message` unless `by` is CCI staff or administers the organization."""
    if not by.is_cci_staff and not by.administers(organization):
        raise NotAllowed(message)


def set_email_alerts(*, by: User, topics: Collection[str]) -> None:
    """Of which topics a person gets e-mails: of these, and of no others."""
    with recorded("e-mail alerts.set", by=by):
        # Two forms of one person at once: the second waits.
        User.objects.select_for_update().get(pk=by.pk)
        muted = set(Topic.values) - set(topics)
        had = set(MutedTopic.objects.filter(user=by).values_list("topic", flat=True))
        MutedTopic.objects.filter(user=by, topic__in=had - muted).delete()
        MutedTopic.objects.bulk_create(
            MutedTopic(user=by, topic=topic) for topic in sorted(muted - had)
        )


def create_organization(*, name: str, level: int, parent: Organization, by: User) -> Organization:
    """Add an organization below `parent`, whose level must be above `level`."""
    require_cci_staff(by)
    name = _checked_name(name)
    with recorded("organization.created", by=by):
        # The tree's paths come from counting siblings: one child at a time per parent.
        parent = Organization.objects.select_for_update().get(pk=parent.pk)
        check_levels(level=level, parent=parent)
        return Organization.objects.add_child(parent, {"name": name, "level": level})


def edit_organization(
    *, organization: Organization, name: str, level: int, parent: Organization | None, by: User
) -> Organization:
    """Rename an organization, move it with all that is below it, or change its level.

    Its level must be below its parent's and above its children's. The vendor has no parent.
    """
    require_cci_staff(by)
    name = _checked_name(name)
    with recorded("organization.edited", by=by):
        # A move rewrites the paths of a whole branch: nothing may be added to it meanwhile.
        with connection.cursor() as cursor:
            cursor.execute("LOCK TABLE accounts_organization IN EXCLUSIVE MODE")
        organization = Organization.objects.get(pk=organization.pk)
        if organization.is_vendor:
            if parent is not None or level != Level.VENDOR:
                raise DomainError(_("The vendor stays at the top of the tree."), field="level")
        elif parent is None:
            raise DomainError(_("Only the vendor is at the top of the tree."), field="parent")
        else:
            _place(organization, level=level, parent=Organization.objects.get(pk=parent.pk))
        Organization.objects.filter(pk=organization.pk).update(name=name, level=level)
        organization.refresh_from_db()
    return organization


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
