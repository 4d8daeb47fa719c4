from jasper_inventory.inventory.views.lists import order_list, panel, request_list
from jasper_inventory.inventory.views.where import where
from jasper_inventory.inventory.views.why import enrolment_why, find_why, order_why

__all__ = [
    "enrolment_why",
    "find_why",
    "order_list",
    "order_why",
    "panel",
    "request_list",
    "where",
]
