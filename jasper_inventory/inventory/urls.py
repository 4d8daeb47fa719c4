from django.urls import path

from jasper_inventory.inventory import views
from jasper_inventory.inventory.people import views as people

app_name = "inventory"
urlpatterns = [
    path("", views.panel, name="panel"),
    path("inventory/", views.order_list, name="order_list"),
    path("requests/", views.request_list, name="request_list"),
    path("inventory/where/", views.where, name="where"),
    path("inventory/<int:number>/people/", people.person_list, name="person_list"),
    path(
        "inventory/<int:number>/people/<int:pk>/remove/", people.person_remove, name="person_remove"
    ),
    path(
        "inventory/<int:number>/people/<int:pk>/restore/",
        people.person_restore,
        name="person_restore",
    ),
    path("why/", views.find_why, name="find_why"),
    path("inventory/<int:number>/why/", views.order_why, name="order_why"),
    path("inventory/<int:number>/why/<int:enrolment>/", views.enrolment_why, name="enrolment_why"),
]
