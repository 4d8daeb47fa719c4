"""Products and their families, in order. Retired ones stay on old orders only."""

from collections.abc import Iterable
from itertools import groupby
from typing import Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from jasper_inventory.lib.audit import tracked
from jasper_inventory.lib.text_fields import Folded, IsPlain, LineField, folded_key
from licenses.models.mixes import MIX_FOLLOWS
from licenses.models.triggers import PRODUCTS_INSIDE_PARENT


class ProductFamilyManager(models.Manager["ProductFamily"]):
    def with_products(
        self, *, kept: Iterable[int] = (), only: Iterable[int] | None = None
    ) -> "list[ProductFamily]":
        """Return families with the products on offer, and retired ones only if in `kept`.

        With `only`, return just those products.
        """
        if only is not None:
            on_offer = Q(pk__in=only)
        else:
            on_offer = Q(is_retired=False, family__is_retired=False) | Q(pk__in=kept)
        families = []
        products = Product.objects.filter(on_offer).select_related("family")
        for family, listed in groupby(products, lambda product: product.family):
            family.listed_products = list(listed)
            families.append(family)
        return families


class ProductFamily(models.Model):
    """A product family, such as "Office 2016"."""

    name = LineField(_("name"), max_length=80, unique=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    is_retired = models.BooleanField(
        _("retired"), default=False, help_text=_("No longer offered. Old orders keep it.")
    )
    folded = folded_key(Folded("name"))

    # Set by `with_products`.
    listed_products: "list[Product]"

    objects = ProductFamilyManager()

    class Meta:
        verbose_name = _("product family")
        verbose_name_plural = _("product families")
        ordering = ["position", "folded", "pk"]
        constraints = [
            models.UniqueConstraint(
                Lower("name"),
                name="licenses_productfamily_once",
                violation_error_message=_("A product family with this name already exists."),
            ),
            models.CheckConstraint(
                condition=IsPlain("name"), name="licenses_productfamily_plain_text"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ProductQuerySet(models.QuerySet["Product"]):
    def on_offer(self) -> Self:
        """Return the products that a new order can have."""
        return self.filter(is_retired=False, family__is_retired=False)


class Product(models.Model):
    """A course that a license gives access to, such as "Excel Core" of "Office 2016"."""

    family = models.ForeignKey(
        ProductFamily,
        models.PROTECT,
        related_name="products",
        # The index of the constraint begins with it.
        db_index=False,
        verbose_name=_("product family"),
    )
    name = LineField(_("name"), max_length=80)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    is_retired = models.BooleanField(
        _("retired"), default=False, help_text=_("No longer offered. Old orders keep it.")
    )
    folded = folded_key(Folded("name"))

    objects = ProductQuerySet.as_manager()

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")
        ordering = ["family__position", "family__folded", "family__pk", "position", "folded", "pk"]
        constraints = [
            models.UniqueConstraint(
                "family",
                Lower("name"),
                name="licenses_product_once_in_family",
                violation_error_message=_("This family already has a product with this name."),
            ),
            models.CheckConstraint(condition=IsPlain("name"), name="licenses_product_plain_text"),
        ]

    def __str__(self) -> str:
        return f"{self.family} {self.name}"


@tracked()
class OrderProduct(models.Model):
    """A product of an order's product mix."""

    order = models.ForeignKey(
        "licenses.Order",
        models.CASCADE,
        related_name="order_products",
        # The index of the constraint begins with it.
        db_index=False,
    )
    product = models.ForeignKey(Product, models.PROTECT, related_name="order_products")

    class Meta:
        verbose_name = _("product of an order")
        verbose_name_plural = _("products of an order")
        constraints = [
            models.UniqueConstraint(fields=["order", "product"], name="licenses_orderproduct_once")
        ]
        triggers = [PRODUCTS_INSIDE_PARENT, *MIX_FOLLOWS]

    def __str__(self) -> str:
        return str(self.product)
