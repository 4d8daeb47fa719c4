"""manage.py revoke_role"""

from typing import Any

from django.core.management.base import CommandParser

from jasper_inventory.accounts.management.arguments import ROLES, add_membership, find_organization
from jasper_inventory.accounts.models import User
from jasper_inventory.accounts.services.memberships import revoke_role
from jasper_inventory.lib.commands import ChangingCommand, find_user


class Command(ChangingCommand):
    help = (
        "Remove a person's role in an organization. It stops working immediately. The account and "
        "its history are kept."
    )
    example = 'kim.williams "Tolano Adventures" teacher --by sue.wong'

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        add_membership(parser)

    def change(self, *, by: User, options: dict[str, Any]) -> str:
        user = find_user(options["user"])
        organization = find_organization(options["organization"])
        role = ROLES[options["role"]]
        revoke_role(user=user, organization=organization, role=role, by=by)
        return f"{user.username} is no longer {role.label} of {organization}."
