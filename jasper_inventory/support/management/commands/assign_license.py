"""manage.py assign_license"""

from typing import Any

from django.core.management.base import CommandParser
from django.db import transaction
from django.utils import timezone

from jasper_inventory.accounts.management.arguments import ORGANIZATION_HELP, find_organization
from jasper_inventory.accounts.models import Organization, User
from jasper_inventory.lib.commands import ChangingCommand
from jasper_inventory.lib.exceptions import DomainError
from licenses.management.arguments import add_terms, find_order, find_products, terms_from
from licenses.models import InventoryType, Order
from licenses.services.orders import assign_order
from licenses.terms import Terms, a_year_after

TYPES = {"center": InventoryType.CENTER_LICENSE, "codes": InventoryType.USER_ACTIVATION_CODES}


class Command(ChangingCommand):
    help = (
        "Assign a license to an organization without a request. CCI staff can assign to any "
        "organization; other suppliers to those directly below them, with seats of their order "
        "--parent. By default, the license starts today and lasts a year. A duplicate of an "
        "earlier order is refused, unless you add --again."
    )
    example = (
        '"Tolano Adventures" codes --product "Office 2016" --codes 30 --purchase-order PO-77 '
        "--by sue.wong"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("organization", metavar="ORGANIZATION", help=ORGANIZATION_HELP)
        parser.add_argument(
            "type", choices=list(TYPES), help="a Center License, or User Activation Codes"
        )
        parser.add_argument(
            "--product",
            action="append",
            required=True,
            metavar="NAME",
            help='a family, such as "Office 2016", or one product, such as "Office 2016 Access"; '
            "can be repeated",
        )
        parser.add_argument(
            "--purchase-order", default="", metavar="TEXT", help="the purchase order"
        )
        parser.add_argument(
            "--again", action="store_true", help="allow a duplicate of an earlier order"
        )
        add_terms(parser)

    def change(self, *, by: User, options: dict[str, Any]) -> str:
        organization = find_organization(options["organization"])
        kind = TYPES[options["type"]]
        parent = find_order(options["parent"]) if options["parent"] else None
        terms = _terms(options, kind, parent)
        if not options["again"]:
            _refuse_duplicate(organization, kind, terms, options["purchase_order"])
        with transaction.atomic():
            order = assign_order(
                assigned_to=organization,
                inventory_type=kind,
                products=find_products(options["product"]),
                terms=terms,
                by=by,
                parent=parent,
                purchase_order=options["purchase_order"],
                comments=options["comments"],
                teacher_code=options["teacher_code"],
            )
        seats = "unlimited" if order.seats is None else f"{order.seats}"
        number = "An order" if options["dry_run"] else f"Order {order.number}"
        return (
            f"{number} ({order.get_inventory_type_display()}, {seats} students, "
            f"{order.start_date} to {order.finish_date}) was assigned to {organization}."
        )


def _terms(options: dict[str, Any], kind: InventoryType, parent: Order | None) -> Terms:
    if kind == InventoryType.USER_ACTIVATION_CODES and options["unlimited"]:
        raise DomainError("User Activation Codes can't be unlimited.")
    if kind == InventoryType.USER_ACTIVATION_CODES and options["codes"] is None:
        raise DomainError("Enter the number of --codes.")
    start = options["start"] or timezone.localdate()
    finish = options["finish"] or a_year_after(start)
    offered = Terms(start_date=start, finish_date=finish)
    if kind == InventoryType.USER_ACTIVATION_CODES:
        users, most = (parent.users_per_code, parent.duration) if parent else (1, None)
        offered = Terms(
            start_date=start,
            finish_date=finish,
            users_per_code=users,
            # At least a day; the service refuses wrong dates.
            duration=min(max((finish - start).days, 1), most or 3650),
        )
    return terms_from(options, offered=offered)


def _refuse_duplicate(
    organization: Organization, kind: InventoryType, terms: Terms, purchase_order: str
) -> None:
    twin = (
        Order.objects.approved()
        .held_by(organization)
        .filter(
            inventory_type=kind,
            purchase_order=purchase_order.strip(),
            start_date=terms.start_date,
            finish_date=terms.finish_date,
            students=terms.students,
            number_of_codes=terms.number_of_codes,
            users_per_code=terms.users_per_code,
        )
        .first()
    )
    if twin:
        raise DomainError(f"Order {twin} has the same terms. Add --again to assign another.")
