"""URLs of the inventory app."""

from django.urls import path

from jasper_inventory.inventory.views import (
    diagnostics,
    distribution,
    lists,
    panel,
    styleguide,
)

app_name = "inventory"
urlpatterns = [
    path("", panel.panel, name="panel"),
    path("inventory/", lists.order_list, name="order_list"),
    path("requests/", lists.request_list, name="request_list"),
    path("inventory/where/", distribution.where, name="where"),
    path("styleguide/", styleguide.styleguide, name="styleguide"),
    path("why/", diagnostics.troubleshoot, name="troubleshoot"),
    path("inventory/<int:number>/why/", diagnostics.order_troubleshoot, name="order_troubleshoot"),
    path(
        "inventory/<int:number>/why/<int:pk>/",
        diagnostics.enrollment_troubleshoot,
        name="enrollment_troubleshoot",
    ),
]
