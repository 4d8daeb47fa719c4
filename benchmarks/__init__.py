"""Measurements side by side, each a command: python -m benchmarks.<name>."""

import os

import django
from django.conf import settings

from jasper_inventory.devserver import postgres

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jasper_inventory.settings")
if settings.EMBEDDED_DATABASE:
    postgres.start(settings.BASE_DIR)
django.setup()
