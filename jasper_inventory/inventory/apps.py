"""The inventory app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class InventoryConfig(AppConfig):
    """Pages that look across orders, codes and renewals."""

    name = "jasper_inventory.inventory"
    verbose_name = _("Inventory")
