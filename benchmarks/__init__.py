"""Measurements, each beside a floor in the same run: python -m benchmarks.

They run with the settings of production, in databases of their own.
"""

import os
import secrets
from pathlib import Path

import django

FOLDER = Path(__file__).resolve().parent.parent / ".data" / "benchmarks"

# The processes that a benchmark starts read the same sessions.
os.environ.setdefault("SECRET_KEY", secrets.token_urlsafe(64))
os.environ |= {
    "DJANGO_SETTINGS_MODULE": "jasper_inventory.settings",
    "DEBUG": "0",
    "ALLOWED_HOSTS": "testserver",
    # A proxy in front does it.
    "SECURE_SSL_REDIRECT": "0",
    "STATIC_ROOT": str(FOLDER / "static"),
    "EMAIL_URL": "dummymail://",
}

# The settings read the environment when they are imported.
from django.conf import settings  # noqa: E402

from jasper_inventory.devserver import postgres  # noqa: E402

if settings.EMBEDDED_DATABASE:
    postgres.start(settings.BASE_DIR)
django.setup()
