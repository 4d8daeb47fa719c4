"""What an order is, in one line for the title of a window, and its products as chips."""

from collections.abc import Iterable
from typing import Any

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from licenses.models import Order, ProductFamily
from licenses.product_mix import Catalogue

register = template.Library()


@register.simple_tag
def order_about(order: Order, families: Iterable[ProductFamily] = ()) -> SafeString:
    """Return the order's number, purchase order, products and status, if the reader may see them.

    The order comes with what it is asked for: see `get_order` in licenses/views/shortcuts.py.
    `families` are those that the page has read with their products: see `Catalogue`.
    """
    has_status = hasattr(order, "status")
    context: dict[str, Any] = {
        "order": order,
        "purchase_order": order.purchase_order if getattr(order, "shows_terms", False) else "",
        "groups": Catalogue(families).groups(order.product_keys),
        "has_status": has_status,
    }
    return render_to_string("licenses/order_about.html", context)


@register.inclusion_tag("licenses/product_chips.html")
def product_chips(order: Order, catalogue: Catalogue | None = None) -> dict[str, Any]:
    """Draw the products of an order: one chip for a whole family, one each for single products.

    A list gives the catalogue that all of its rows share.
    """
    return {"groups": (catalogue or Catalogue()).groups(order.product_keys)}
