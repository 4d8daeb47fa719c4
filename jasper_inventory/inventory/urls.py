"""URLs of the inventory app."""

from django.urls import path

from jasper_inventory.inventory.views import (
    diagnostics,
    distribution,
    exports,
    lists,
    panel,
    saved_views,
    styleguide,
)

app_name = "inventory"
urlpatterns = [
    path("", panel.panel, name="panel"),
    path("overview/", panel.overview, name="overview"),
    path("inventory/", lists.order_list, name="order_list"),
    path("inventory/export/", exports.order_export, name="order_export"),
    path("inventory/columns/", saved_views.column_list, name="column_list"),
    path("inventory/views/", saved_views.view_list, name="view_list"),
    path("inventory/views/<int:pk>/", saved_views.view_edit, name="view_edit"),
    path("inventory/views/<int:pk>/delete/", saved_views.view_delete, name="view_delete"),
    path("requests/", lists.request_list, name="request_list"),
    path("requests/export/", exports.request_export, name="request_export"),
    path("inventory/where/", distribution.where, name="where"),
    path("inventory/where/export/", exports.where_export, name="where_export"),
    path("styleguide/", styleguide.styleguide, name="styleguide"),
    path("why/", diagnostics.troubleshoot, name="troubleshoot"),
    path("inventory/<int:number>/why/", diagnostics.order_troubleshoot, name="order_troubleshoot"),
    path(
        "inventory/<int:number>/why/<int:pk>/",
        diagnostics.enrollment_troubleshoot,
        name="enrollment_troubleshoot",
    ),
]
