"""The product mix of an order: the set of its products."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet, Value
from django.db.models.lookups import Exact
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from licenses.models import Order, Product, ProductFamily
from licenses.models.mixes import NO_PRODUCTS, SEPARATOR, digest, product_keys

Orders = TypeVar("Orders", bound=QuerySet[Order])

_KEY = re.compile(r"[0-9]{1,9}(-[0-9]{1,9})*")


@dataclass(frozen=True)
class Mix:
    """A product mix: its products' keys, its name in addresses, and its name for people."""

    products: tuple[int, ...]
    label: str

    @property
    def key(self) -> str:
        return SEPARATOR.join(map(str, self.products)) or NO_PRODUCTS

    def __str__(self) -> str:
        return self.label


@dataclass(frozen=True)
class ProductGroup:
    """Products of one family; `is_whole` if they are all that it offers."""

    family: str
    names: list[str]
    is_whole: bool

    def __str__(self) -> str:
        """Return a short name: "Office 2016, all 7", or the family with each product."""
        if self.is_whole:
            return _("%(family)s, all %(number)d") % {
                "family": self.family,
                "number": len(self.names),
            }
        return _("%(family)s: %(products)s") % {
            "family": self.family,
            "products": ", ".join(self.names),
        }


class Catalogue:
    """All products, read once, to name mixes.

    `families` are known ones with all their products on offer and those of the mixes to name.
    """

    def __init__(self, families: Iterable[ProductFamily] = ()) -> None:
        self._known = [product for family in families for product in family.listed_products]

    @cached_property
    def _products(self) -> dict[int, Product]:
        products = self._known or Product.objects.select_related("family")
        return {product.pk: product for product in products}

    def mix(self, key: str) -> Mix | None:
        """Return the mix with this key, or None if a product doesn't exist."""
        products = product_keys(key)
        if not self._products.keys() >= products:
            return None
        return Mix(tuple(sorted(products)), self._label(products))

    def groups(self, chosen: set[int]) -> list["ProductGroup"]:
        """Return the products with these keys by family, as both are listed everywhere."""
        families: dict[ProductFamily, list[Product]] = {}
        for product in self._products.values():
            families.setdefault(product.family, []).append(product)
        return [
            self._group(family, [product for product in all_of_it if product.pk in chosen])
            for family, all_of_it in families.items()
            if any(product.pk in chosen for product in all_of_it)
        ]

    def _group(self, family: ProductFamily, chosen: list[Product]) -> "ProductGroup":
        offered = {
            product
            for product in self._products.values()
            if product.family_id == family.pk and not product.is_retired
        }
        names = [product.name for product in chosen]
        return ProductGroup(str(family), names, len(chosen) > 1 and set(chosen) == offered)

    def _label(self, chosen: set[int]) -> str:
        named = []
        for group in self.groups(chosen):
            number = len(group.names)
            products = ", ".join(group.names)
            if group.is_whole:
                products = ngettext("all %(number)d product", "all %(number)d products", number) % {
                    "number": number
                }
            named.append(
                _("%(family)s: %(products)s") % {"family": group.family, "products": products}
            )
        return "; ".join(named) or _("No products")


class MixField(forms.CharField):
    """A mix in an address: the keys of its products."""

    default_error_messages = {"invalid": gettext_lazy("This product mix doesn't exist.")}

    def clean(self, value: Any) -> Mix | None:
        key = super().clean(value)
        if not key:
            return None
        is_key = key == NO_PRODUCTS or len(key) <= 1_000 and _KEY.fullmatch(key)
        mix = Catalogue().mix(key) if is_key else None
        if mix is None:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return mix


class MixFilter(django_filters.Filter):
    """Filters by orders with exactly this product mix."""

    field_class = MixField

    def filter(self, qs: QuerySet[Order], value: Mix | None) -> QuerySet[Order]:
        return of_mix(qs, value) if value else qs


def of_mix(orders: Orders, mix: Mix) -> Orders:
    """Return the orders with exactly the products of the mix."""
    return orders.filter(Exact(digest("mix"), digest(Value(mix.key))))
