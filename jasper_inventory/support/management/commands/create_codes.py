"""manage.py create_codes"""

from typing import Any

from django.core.management.base import CommandParser

from activation_codes.services.codes import create_codes
from jasper_inventory.accounts.models import User
from jasper_inventory.lib.commands import ChangingCommand, positive
from licenses.management.arguments import find_order


class Command(ChangingCommand):
    help = (
        "Create all remaining activation codes of an order: those not yet created or allocated. "
        "If none remain, nothing is changed. export_codes writes them to a workbook."
    )
    example = "1103 --by kim.williams"

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("number", type=positive, metavar="ORDER", help="order number")

    def change(self, *, by: User, options: dict[str, Any]) -> str:
        order = find_order(options["number"])
        count = create_codes(order=order, by=by)
        if not count:
            return (
                f"The activation codes of order {order} were already created; nothing was changed."
            )
        return f"Created {count} activation {'code' if count == 1 else 'codes'} of order {order}."
