"""Arguments of commands that name organizations and roles."""

from django.core.management.base import CommandParser

from jasper_inventory.accounts.models import Level, Organization, Role
from jasper_inventory.lib.exceptions import DomainError

ORGANIZATION_HELP = "name, or id if several have the same name"

LEVELS = {level.name.lower(): level for level in Level if level != Level.VENDOR}
ROLES = {role.name.lower(): role for role in Role}


def find_organization(typed: str) -> Organization:
    """Return the organization with this name or id; raise DomainError for none or several."""
    name = " ".join(typed.split())
    named = Organization.objects.all().called(name)
    if not named and name.isascii() and name.isdigit() and len(name) <= 10:
        named = list(Organization.objects.filter(pk=int(name)))
    if not named:
        raise DomainError(f'There is no organization "{name}".')
    if len(named) > 1:
        ids = ", ".join(f"{one.pk} (below {one.supplier})" for one in named)
        raise DomainError(f'{len(named)} organizations are named "{name}". Enter an id: {ids}.')
    return named[0]


def add_membership(parser: CommandParser) -> None:
    """Add the arguments that name a person's role in an organization."""
    parser.add_argument("user", metavar="PERSON", help="username or email")
    parser.add_argument("organization", metavar="ORGANIZATION", help=ORGANIZATION_HELP)
    parser.add_argument("role", choices=list(ROLES), help="the person's role there")
