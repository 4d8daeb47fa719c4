"""Admin pages that use all apps: organizations, users to erase, and links to Troubleshoot."""

from jasper_inventory.support.admin.orders import (
    LinkedActivationCodeAdmin,
    LinkedEnrollmentAdmin,
    LinkedOrderAdmin,
    LinkedRedemptionAdmin,
)
from jasper_inventory.support.admin.organizations import OrganizationAdmin
from jasper_inventory.support.admin.queue import JobAdmin, ScheduledRunAdmin
from jasper_inventory.support.admin.users import ErasablePersonAdmin, ErasureRequestAdmin

__all__ = [
    "ErasablePersonAdmin",
    "ErasureRequestAdmin",
    "JobAdmin",
    "LinkedActivationCodeAdmin",
    "LinkedEnrollmentAdmin",
    "LinkedOrderAdmin",
    "LinkedRedemptionAdmin",
    "OrganizationAdmin",
    "ScheduledRunAdmin",
]
