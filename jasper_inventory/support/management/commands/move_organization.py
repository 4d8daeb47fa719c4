"""manage.py move_organization"""

from jasper_inventory.accounts.management.arguments import ORGANIZATION_HELP, find_organization
from jasper_inventory.lib.commands import ChangingCommand
from jasper_inventory.support.organization_moves import edit_organization


class Command(ChangingCommand):
    help = (
        "Move an organization, with all that is below it, below another supplier. Its requests "
        "that wait go to the new supplier. Refused while it holds an order that was carved from "
        "an order of the old supplier which hasn't ended. Being there already is no error."
    )
    example = '"Harbour Annex" --parent "Pacific Learning Distribution" --by sue.wong'

    def add_arguments(self, parser):
        super().add_arguments(parser)
        parser.add_argument("organization", metavar="ORGANIZATION", help=ORGANIZATION_HELP)
        parser.add_argument(
            "--parent",
            metavar="ORGANIZATION",
            required=True,
            help=f"its new supplier: {ORGANIZATION_HELP}",
        )

    def change(self, *, by, options):
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
            return f"{moved} is below {parent} already; nothing was changed."
        return f"{moved} was moved from below {old} to below {parent}."
