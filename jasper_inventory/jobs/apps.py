"""The app of the background queue's workers and schedules."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class JobsConfig(AppConfig):
    """Workers, which do the queue's jobs, and schedules, which queue jobs every day."""

    name = "jasper_inventory.jobs"
    verbose_name = _("Background queue")
