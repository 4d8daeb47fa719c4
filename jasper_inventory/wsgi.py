"""The WSGI application."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jasper_inventory.settings")

application = get_wsgi_application()

# A page makes tens of thousands of objects, and hardly any cycles. Looking for cycles after every
# 700 objects, through all of the application, took a seventh of a page's time.
gc.collect()
gc.freeze()
gc.set_threshold(50_000, 20, 20)
