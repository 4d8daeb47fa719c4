"""The admin of CCI staff: its front page shows the requests that wait."""

from django.contrib.admin import AdminSite
from django.utils.translation import gettext_lazy as _


class InventoryAdminSite(AdminSite):
    site_header = _("License Inventory – CCI Learning")
    site_title = _("License Inventory")
