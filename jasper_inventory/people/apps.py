"""The people app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PeopleConfig(AppConfig):
    """The directory of people, the people of an order, and a person's own data."""

    name = "jasper_inventory.people"
    verbose_name = _("People")
