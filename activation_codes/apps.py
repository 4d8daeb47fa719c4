from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ActivationCodesConfig(AppConfig):
    name = "activation_codes"
    verbose_name = _("User activation codes")
