from django.apps import AppConfig, apps
from django.contrib.admin.apps import AdminConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class SupportConfig(AppConfig):
    """What CCI staff and support staff work with: the admin site and the commands."""

    default = True
    name = "jasper_inventory.support"
    verbose_name = _("Support")

    def ready(self):
        from jasper_inventory.support.bootstrap import set_up_site

        # Django signals apps with models only; by the time of auth, ours have their permissions.
        post_migrate.connect(set_up_site, sender=apps.get_app_config("auth"))


class SupportAdminConfig(AdminConfig):
    """Django's admin with our front page."""

    default = False
    default_site = "jasper_inventory.support.admin_site.InventoryAdminSite"
