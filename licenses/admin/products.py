"""The admin of products and their families."""

from typing import TYPE_CHECKING

from django.contrib import admin
from django.utils.translation import gettext_lazy

from jasper_inventory.lib.admin import ServiceAdmin
from licenses.models import Product, ProductFamily

if TYPE_CHECKING:
    # Django's class takes no type arguments at run time.
    _ProductInline = admin.TabularInline[Product, ProductFamily]
else:
    _ProductInline = admin.TabularInline


class ProductInline(_ProductInline):
    model = Product
    fields = ("name", "position", "is_retired")
    extra = 0
    can_delete = False
    formfield_overrides = ServiceAdmin.formfield_overrides


@admin.register(ProductFamily)
class ProductFamilyAdmin(ServiceAdmin[ProductFamily]):
    """Families with their products. Discontinued products are retired, not deleted."""

    list_display = ("name", "position", "is_retired")
    list_filter = ("is_retired",)
    search_fields = ("folded",)
    inlines = [ProductInline]
    links = []


@admin.register(Product)
class ProductAdmin(ServiceAdmin[Product]):
    list_display = ("name", "family", "position", "is_retired")
    list_filter = ("family", "is_retired")
    list_select_related = ("family",)
    search_fields = ("folded", "family__folded")
    search_help_text = gettext_lazy("Product or family")
    links = []
