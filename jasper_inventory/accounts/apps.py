"""The app of people and organizations."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "jasper_inventory.accounts"
    label = "accounts"
    verbose_name = _("People and organizations")

    def ready(self) -> None:
        from allauth.mfa import signals

        from jasper_inventory.accounts import second_factors, sign_in_log

        sign_in_log.connect()
        signals.authenticator_added.connect(second_factors.was_added)
        signals.authenticator_removed.connect(second_factors.was_removed)
