"""manage.py grant_role"""

from typing import Any

from django.core.management.base import CommandParser

from jasper_inventory.accounts.management.arguments import ROLES, add_membership, find_organization
from jasper_inventory.accounts.models import Membership, User
from jasper_inventory.accounts.services.memberships import grant_role
from jasper_inventory.lib.commands import ChangingCommand, find_user


class Command(ChangingCommand):
    help = (
        "Give a role in an organization to a person who has an account. If the person already has "
        "the role, nothing is changed."
    )
    example = 'kim.williams "Tolano Adventures" administrator --by sue.wong'

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        add_membership(parser)

    def change(self, *, by: User, options: dict[str, Any]) -> str:
        facts = {
            "user": find_user(options["user"]),
            "organization": find_organization(options["organization"]),
            "role": ROLES[options["role"]],
        }
        had_it = Membership.objects.filter(**facts).exists()
        membership = grant_role(**facts, by=by)
        role = f"{membership.role_name} of {facts['organization']}"
        if had_it:
            return f"{facts['user'].username} is already {role}; nothing was changed."
        return f"{facts['user'].username} is now {role}."
