from django.urls import path

from jasper_inventory.inventory import people_views, views
from jasper_inventory.inventory.enrolled import views as enrolled

app_name = "inventory"
urlpatterns = [
    path("", views.panel, name="panel"),
    path("inventory/", views.order_list, name="order_list"),
    path("requests/", views.request_list, name="request_list"),
    path("inventory/where/", views.where, name="where"),
    path("inventory/<int:number>/people/", enrolled.person_list, name="person_list"),
    path(
        "inventory/<int:number>/people/<int:pk>/remove/",
        enrolled.person_remove,
        name="person_remove",
    ),
    path(
        "inventory/<int:number>/people/<int:pk>/restore/",
        enrolled.person_restore,
        name="person_restore",
    ),
    path("why/", views.find_why, name="find_why"),
    path("inventory/<int:number>/why/", views.order_why, name="order_why"),
    path("inventory/<int:number>/why/<int:pk>/", views.enrolment_why, name="enrolment_why"),
    path("people/", people_views.people, name="people"),
    path("people/<int:pk>/", people_views.person, name="person"),
    path("me/", people_views.me, name="me"),
    path("me/download/", people_views.me_download, name="me_download"),
    path("me/erase/", people_views.me_erase, name="me_erase"),
    path("me/keep/", people_views.me_keep, name="me_keep"),
]
