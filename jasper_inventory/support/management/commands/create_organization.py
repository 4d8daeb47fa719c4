"""manage.py create_organization"""

from typing import Any

from django.core.management.base import CommandParser

from jasper_inventory.accounts.management.arguments import (
    LEVELS,
    ORGANIZATION_HELP,
    find_organization,
)
from jasper_inventory.accounts.models import Organization, User
from jasper_inventory.accounts.permissions import require_cci_staff
from jasper_inventory.accounts.services.organizations import create_organization
from jasper_inventory.lib.commands import ChangingCommand


class Command(ChangingCommand):
    help = (
        "Create an organization below its supplier. If the supplier already has one with this "
        "name and level, nothing is changed."
    )
    example = '"Harbour College" center --parent "Fraser Valley Learning Hub" --by sue.wong'

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("name", metavar="NAME", help="the new organization's name")
        parser.add_argument("level", choices=list(LEVELS), help="must be below the parent's level")
        parser.add_argument(
            "--parent",
            metavar="ORGANIZATION",
            help=f"its supplier: {ORGANIZATION_HELP} (the vendor by default)",
        )

    def change(self, *, by: User, options: dict[str, Any]) -> str:
        require_cci_staff(by)
        level = LEVELS[options["level"]]
        parent = (
            find_organization(options["parent"])
            if options["parent"]
            else Organization.objects.vendor()
        )
        name = " ".join(options["name"].split())
        same = Organization.objects.get_children(parent).filter(name__iexact=name, level=level)
        if same:
            return f"{same[0]} is already below {parent} (id {same[0].pk}); nothing was changed."
        made = create_organization(name=name, level=level, parent=parent, by=by)
        return f"Created {level.label.lower()} {made} below {parent} (id {made.pk})."
