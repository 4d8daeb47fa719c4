"""manage.py move_organization"""

from typing import Any

from django.core.management.base import CommandParser

from jasper_inventory.accounts.management.arguments import ORGANIZATION_HELP, find_organization
from jasper_inventory.accounts.models import User
from jasper_inventory.lib.commands import ChangingCommand
from jasper_inventory.support.organization_moves import edit_organization


class Command(ChangingCommand):
    help = (
        "Move an organization and its sub-organizations below another supplier. Its pending "
        "requests are addressed to the new supplier. The move is refused while the organization "
        "holds an order allocated from an order of the old supplier that hasn't ended. A second "
        "run changes nothing."
    )
    example = '"Harbour Annex" --parent "Pacific Learning Distribution" --by sue.wong'

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("organization", metavar="ORGANIZATION", help=ORGANIZATION_HELP)
        parser.add_argument(
            "--parent",
            metavar="ORGANIZATION",
            required=True,
            help=f"its new supplier: {ORGANIZATION_HELP}",
        )

    def change(self, *, by: User, options: dict[str, Any]) -> str:
        organization = find_organization(options["organization"])
        parent = find_organization(options["parent"])
        old = organization.supplier
        moved = edit_organization(
            organization=organization,
            name=organization.name,
            level=organization.level,
            parent=parent,
            by=by,
        )
        if old == parent:
            return f"{moved} is already below {parent}; nothing was changed."
        return f"{moved} was moved from {old} to {parent}."
