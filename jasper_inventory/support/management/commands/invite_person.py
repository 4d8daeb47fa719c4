"""manage.py invite_person"""

from typing import Any

from django.core.management.base import CommandParser

from jasper_inventory.accounts.management.arguments import (
    ORGANIZATION_HELP,
    ROLES,
    find_organization,
)
from jasper_inventory.accounts.models import Role, User
from jasper_inventory.accounts.services.invitations import invite
from jasper_inventory.lib.commands import ChangingCommand


class Command(ChangingCommand):
    help = (
        "Email a link that makes a person an administrator or a teacher of an organization, such "
        "as the first administrator of a new center. Anyone without an account can create one "
        "there. The link can be used once within 14 days."
    )
    example = 'rosa@example.com "Tolano Adventures" administrator --by sue.wong'

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("email", metavar="EMAIL", help="the address that gets the link")
        parser.add_argument("organization", metavar="ORGANIZATION", help=ORGANIZATION_HELP)
        parser.add_argument(
            "role",
            choices=[name for name, role in ROLES.items() if role != Role.STUDENT],
            help="the person's role there",
        )

    def change(self, *, by: User, options: dict[str, Any]) -> str:
        invitation = invite(
            organization=find_organization(options["organization"]),
            role=ROLES[options["role"]],
            email=options["email"],
            by=by,
        )
        return f"{invitation.email} was invited to become {invitation}."
