"""The search app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SearchConfig(AppConfig):
    """One search for everything in an administrator's scope."""

    name = "jasper_inventory.search"
    verbose_name = _("Search")
