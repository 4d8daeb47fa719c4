from django.apps import AppConfig, apps
from django.contrib.admin.apps import AdminConfig
from django.core import checks
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class SupportConfig(AppConfig):
    """The admin site and the commands, for CCI staff and support staff."""

    default = True
    name = "jasper_inventory.support"
    verbose_name = _("Support")

    def ready(self) -> None:
        from jasper_inventory.lib.postgres_version import check_version
        from jasper_inventory.lib.replica import check_replica
        from jasper_inventory.support.bootstrap import grant_rights, set_up_site

        checks.register(check_replica)
        checks.register(check_version, checks.Tags.database)
        # Django sends the signal only for apps with models. When it comes for auth, the
        # permissions of our models exist.
        for receiver in (set_up_site, grant_rights):
            post_migrate.connect(receiver, sender=apps.get_app_config("auth"))


class SupportAdminConfig(AdminConfig):
    """Django's admin with our site class."""

    default = False
    default_site = "jasper_inventory.support.admin_site.InventoryAdminSite"
