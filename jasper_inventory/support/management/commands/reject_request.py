"""manage.py reject_request"""

from typing import Any

from django.core.management.base import CommandParser

from jasper_inventory.accounts.models import User
from jasper_inventory.lib.commands import ChangingCommand
from jasper_inventory.support.management.arguments import add_request, find_request
from licenses.models import Order
from licenses.services.requests import reject_request


class Command(ChangingCommand):
    help = (
        "Reject a request for a new license or for a renewal. The requester is notified of the "
        "reason. CCI staff can reject any request; a supplier's administrator, those addressed to "
        "the supplier."
    )
    example = '10059 --comments "Please send the purchase order first." --by sue.wong'

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        add_request(parser)
        parser.add_argument(
            "--comments",
            required=True,
            metavar="TEXT",
            help="the reason, which the requester can read",
        )

    def change(self, *, by: User, options: dict[str, Any]) -> str:
        asked = find_request(options["number"], renewal=options["renewal"])
        reject_request(request=asked, by=by, comments=options["comments"])
        if isinstance(asked, Order):
            return f"The request from {asked.assigned_to} for order {asked} was rejected."
        return f"The renewal of order {asked.order} for {asked.order.assigned_to} was rejected."
