from jasper_inventory.inventory.views.lists import order_list, panel
from jasper_inventory.inventory.views.why import enrolment_why, find_why, order_why

__all__ = ["enrolment_why", "find_why", "order_list", "order_why", "panel"]
