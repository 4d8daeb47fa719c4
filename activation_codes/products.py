"""The products of an order in one line, for cards and workbooks."""

from itertools import groupby

from licenses.models import Order


def products_in_words(order: Order) -> str:
    """Return an order's products as one line: "Office 2016: Access, Excel Core"."""
    products = order.products.select_related("family")
    families = groupby(products, lambda product: product.family)
    return "; ".join(
        f"{family}: {', '.join(product.name for product in mix)}" for family, mix in families
    )
