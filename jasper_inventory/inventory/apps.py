from django.apps import AppConfig, apps
from django.contrib.admin.apps import AdminConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class InventoryConfig(AppConfig):
    """The roof: pages that look across orders, codes and renewals."""

    default = True
    name = "jasper_inventory.inventory"
    label = "inventory"
    verbose_name = _("Inventory")

    def ready(self):
        from jasper_inventory.inventory import role_finders  # noqa: F401  # each names its page
        from jasper_inventory.inventory.setup import set_up_site

        # Django signals apps with models only; by the time of auth, ours have their permissions.
        post_migrate.connect(set_up_site, sender=apps.get_app_config("auth"))


class InventoryAdminConfig(AdminConfig):
    """Django's admin with our front page."""

    default = False
    default_site = "jasper_inventory.inventory.admin_site.InventoryAdminSite"
