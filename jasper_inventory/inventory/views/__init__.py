from jasper_inventory.inventory.views.lists import order_list, panel, request_list
from jasper_inventory.inventory.views.where import where

__all__ = ["order_list", "panel", "request_list", "where"]
