"""Command-line arguments that name orders, products and terms."""

from dataclasses import replace
from typing import Any

from django.core.management.base import CommandParser
from django.db.models import CharField, Q, Value
from django.db.models.functions import Concat

from jasper_inventory.lib.commands import day, positive
from jasper_inventory.lib.exceptions import DomainError
from jasper_inventory.lib.text_fields import Folded
from licenses.models import Order, Product
from licenses.terms import Terms


def find_order(number: int) -> Order:
    """Return the order with this number, with its people and organizations."""
    order = Order.objects.with_people().filter(number=number).first()
    if order is None:
        raise DomainError(f"There is no order {number}.")
    return order


def find_products(names: list[str]) -> list[Product]:
    """Return products on offer, named by family (all its products) or as "family product"."""
    offered = (
        Product.objects.on_offer()
        .select_related("family")
        .annotate(full_name=Concat("family__name", Value(" "), "name", output_field=CharField()))
    )
    found: dict[int, Product] = {}
    for name in names:
        plain = " ".join(name.split())
        spelled = offered.filter(Q(family__name__iexact=plain) | Q(full_name__iexact=plain))
        key = Folded(Value(plain))
        alike = offered.filter(Q(family__folded=key) | Q(full_name__folded=key))
        products = list(spelled) or list(alike)
        if not products:
            raise DomainError(f'There is no family or product on offer named "{plain}".')
        found |= {product.pk: product for product in products}
    return list(found.values())


def add_terms(parser: CommandParser) -> None:
    """Add the arguments for an order's dates and seats."""
    parser.add_argument("--start", type=day, metavar="DATE", help="first day, yyyy-mm-dd")
    parser.add_argument("--finish", type=day, metavar="DATE", help="last day, yyyy-mm-dd")
    seats = parser.add_mutually_exclusive_group()
    seats.add_argument(
        "--students", type=positive, metavar="N", help="Center License: number of students"
    )
    seats.add_argument(
        "--unlimited", action="store_true", help="Center License: an unlimited site license"
    )
    codes = "User Activation Codes: "
    parser.add_argument("--codes", type=positive, metavar="N", help=f"{codes}number of codes")
    parser.add_argument(
        "--users-per-code", type=positive, metavar="N", help=f"{codes}users per code"
    )
    parser.add_argument(
        "--duration", type=positive, metavar="DAYS", help=f"{codes}days from redemption"
    )
    parser.add_argument(
        "--parent",
        type=positive,
        metavar="ORDER",
        help="the supplier's order to allocate from",
    )
    parser.add_argument(
        "--teacher-code", default="", metavar="CODE", help="5-4-4 characters; random if left out"
    )
    parser.add_argument("--comments", default="", metavar="TEXT", help="approval comments")


def terms_from(options: dict[str, Any], *, offered: Terms) -> Terms:
    """Return the suggested terms, replaced by those given as arguments.

    A site license always needs --unlimited, even if the request asks for one.
    """
    given = {
        "start_date": options["start"],
        "finish_date": options["finish"],
        "number_of_codes": options["codes"],
        "users_per_code": options["users_per_code"],
        "duration": options["duration"],
        "students": options["students"],
    }
    given = {name: value for name, value in given.items() if value is not None}
    if options["unlimited"]:
        given["students"] = None
    terms = replace(offered, **given)
    if options["unlimited"] and terms.number_of_codes is not None:
        raise DomainError("Only a Center License can be --unlimited.")
    if terms.is_unlimited and not options["unlimited"]:
        raise DomainError("Enter the number of --students, or --unlimited for a site license.")
    return terms
