"""manage.py find_code"""

import sys
from typing import Any

from django.core.management import CommandError
from django.core.management.base import CommandParser

from jasper_inventory.inventory.code_lookup import Found, find_codes
from jasper_inventory.lib.commands import ServiceCommand, add_format, write_rows
from jasper_inventory.support.lookups import record_lookup
from licenses.models import Order, OrderStatus

COLUMNS = (
    *("code", "kind", "order_number", "organization", "status", "start_date", "finish_date"),
    *("users", "used", "people"),
)


class Command(ServiceCommand):
    help = (
        "Find the order, its status, its license holder and the people of an activation code, a "
        "teacher code or a group key. Case, spaces and hyphens don't matter. If no code is found, "
        "the command says whether it is mistyped or unknown, and the exit code is 1."
    )
    example = "SALES-1124-0817"

    def add_arguments(self, parser: CommandParser) -> None:
        add_format(parser)
        parser.add_argument(
            "code",
            metavar="CODE",
            help='the code; "-" reads it from standard input, to keep it out of the shell history',
        )

    def handle(self, *args: Any, **options: Any) -> None:
        typed = sys.stdin.readline() if options["code"] == "-" else options["code"]
        found = find_codes(typed)
        people = {person.user_id for one in found for person in one.enrollments}
        record_lookup(people)
        rows = [row for one in found for row in _rows(one)]
        if rows:
            write_rows(self.stdout.write, options["format"], columns=COLUMNS, rows=rows)
        for one in found:
            if one.problem:
                raise CommandError(one.problem)


def _rows(found: Found) -> list[dict[str, Any]]:
    code = found.activation_code
    return [
        {
            "code": found.code,
            "kind": str(found.kind),
            "order_number": order.number,
            "organization": order.assigned_to.name,
            "status": str(OrderStatus(order.status).label),
            "start_date": order.start_date,
            "finish_date": order.finish_date,
            "users": code.users if code else None,
            "used": code.used if code else None,
            "people": "; ".join(_people(found, order)),
        }
        for order in found.orders
    ]


def _people(found: Found, order: Order) -> list[str]:
    """Return the current people of a code: those who redeemed it, or the order's teachers."""
    if found.activation_code:
        enrollments = found.enrollments
    else:
        enrollments = [person for person in found.enrollments if person.order_id == order.pk]
    return [
        f"{person.user} ({person.user.username})"
        for person in enrollments
        if person.removed_at is None
    ]
