"""Addresses for machines that watch the site."""

from django.urls import path

from jasper_inventory.support import health, metrics

app_name = "support"

urlpatterns = [
    path("metrics", metrics.metrics, name="metrics"),
    path("readyz", health.ready, name="readyz"),
]
