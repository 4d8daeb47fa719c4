"""The admin of what looks across all apps: the tree of organizations, erasing, explaining."""

from jasper_inventory.inventory.admin import explaining
from jasper_inventory.inventory.admin.organizations import OrganizationAdmin
from jasper_inventory.inventory.admin.people import ErasablePersonAdmin, ErasureRequestAdmin

__all__ = ["ErasablePersonAdmin", "ErasureRequestAdmin", "OrganizationAdmin", "explaining"]
