from django.urls import path

from jasper_inventory.inventory import people_views, views

app_name = "inventory"
urlpatterns = [
    path("", views.panel, name="panel"),
    path("inventory/", views.order_list, name="order_list"),
    path("people/", people_views.people, name="people"),
    path("people/<int:pk>/", people_views.person, name="person"),
    path("me/", people_views.me, name="me"),
    path("me/download/", people_views.me_download, name="me_download"),
    path("me/erase/", people_views.me_erase, name="me_erase"),
    path("me/keep/", people_views.me_keep, name="me_keep"),
]
