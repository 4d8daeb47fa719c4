"""The product mix of an order as a column of the order: the keys of its products.

The rows of OrderProduct say which products an order has. Lists and sums by product mix would read
several of them for each order, so triggers keep their keys with the order.
"""

import pgtrigger
from django.db import models
from django.db.models import Value
from django.db.models.functions import MD5

# Between the keys of products, and instead of them if there are none; as in addresses.
SEPARATOR, NO_PRODUCTS = "-", "none"


def product_keys(mix: str) -> set[int]:
    """Return the keys of a mix's products."""
    return set() if mix == NO_PRODUCTS else {int(key) for key in mix.split(SEPARATOR)}


def digest(mix: str | Value) -> MD5:
    """Return what an index has of a mix, which may be too long for one.

    A text is the name of the column.
    """
    return MD5(mix)


class MixFields(models.Model):
    """The product mix, such as "3-7-12". Written by the database only."""

    mix = models.TextField(default=NO_PRODUCTS, editable=False)

    class Meta:
        abstract = True

    @property
    def product_keys(self) -> set[int]:
        """The keys of its products when the row was read."""
        return product_keys(self.mix)


# Every statement that writes the column gets the right value, whatever it wrote.
FIND_MIX = pgtrigger.Trigger(
    name="find_mix",
    level=pgtrigger.Row,
    when=pgtrigger.Before,
    operation=pgtrigger.Insert | pgtrigger.UpdateOf("mix"),
    func=f"""
        SELECT coalesce(
            string_agg(product_id::text, '{SEPARATOR}' ORDER BY product_id), '{NO_PRODUCTS}'
        )
        INTO NEW.mix FROM licenses_orderproduct WHERE order_id = NEW.id;
        RETURN NEW;
    """,
)


def _follows(operation: pgtrigger.Operation, changed: str, **tables: str) -> pgtrigger.Trigger:
    return pgtrigger.Trigger(
        name=f"mix_follows_{operation}".lower(),
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=operation,
        referencing=pgtrigger.Referencing(**tables),
        # FIND_MIX finds the mix.
        func=f"""
            UPDATE licenses_order SET mix = mix WHERE id IN ({changed});
            RETURN NULL;
        """,
    )


# One for each kind of statement, because only some of them have rows before or after.
MIX_FOLLOWS = [
    _follows(pgtrigger.Insert, "SELECT order_id FROM now", new="now"),
    _follows(pgtrigger.Delete, "SELECT order_id FROM before", old="before"),
    _follows(
        pgtrigger.Update,
        "SELECT order_id FROM now UNION SELECT order_id FROM before",
        new="now",
        old="before",
    ),
]
