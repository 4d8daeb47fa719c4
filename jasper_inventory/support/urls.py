"""Addresses for machines that watch the site."""

from django.urls import path

from jasper_inventory.support import metrics

app_name = "support"

urlpatterns = [path("metrics", metrics.metrics, name="metrics")]
