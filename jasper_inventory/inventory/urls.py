from django.urls import path

from jasper_inventory.inventory import views

app_name = "inventory"
urlpatterns = [
    path("", views.panel, name="panel"),
    path("inventory/", views.order_list, name="order_list"),
    path("requests/", views.request_list, name="request_list"),
    path("inventory/where/", views.where, name="where"),
]
