"""The admin of what looks across all apps: the tree of organizations, erasing, explaining."""

from jasper_inventory.support.admin.organizations import OrganizationAdmin
from jasper_inventory.support.admin.users import ErasablePersonAdmin, ErasureRequestAdmin

__all__ = ["ErasablePersonAdmin", "ErasureRequestAdmin", "OrganizationAdmin", "diagnostics"]
