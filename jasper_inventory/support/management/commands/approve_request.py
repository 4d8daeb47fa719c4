"""manage.py approve_request"""

from typing import Any

from django.core.management.base import CommandParser

from jasper_inventory.accounts.models import User
from jasper_inventory.lib.commands import ChangingCommand
from jasper_inventory.support.management.arguments import add_request, find_request
from licenses.management.arguments import add_terms, find_order, terms_from
from licenses.models import Order
from licenses.services.requests import approve_request, offered_terms


class Command(ChangingCommand):
    help = (
        "Approve a request for a new license or for a renewal. Dates and seats that you omit stay "
        "as requested; a new license starts today and lasts a year. A site license needs "
        "--unlimited. CCI staff can approve any request. A supplier's administrator can approve "
        "those addressed to the supplier, with seats of its order --parent."
    )
    example = '10054 --students 40 --comments "Welcome!" --by sue.wong'

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        add_request(parser)
        add_terms(parser)

    def change(self, *, by: User, options: dict[str, Any]) -> str:
        asked = find_request(options["number"], renewal=options["renewal"])
        order = approve_request(
            request=asked,
            by=by,
            terms=terms_from(options, offered=offered_terms(asked)),
            comments=options["comments"],
            parent=find_order(options["parent"]) if options["parent"] else None,
            teacher_code=options["teacher_code"],
        )
        if isinstance(asked, Order):
            return (
                f"The request from {order.assigned_to} for order {order} was approved, "
                f"{order.start_date} to {order.finish_date}."
            )
        number = "a new order" if options["dry_run"] else f"order {order.number}"
        return (
            f"The renewal of order {asked.order} for {order.assigned_to} was approved: {number}, "
            f"{order.start_date} to {order.finish_date}."
        )
