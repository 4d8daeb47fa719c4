from django.urls import path

from jasper_inventory.inventory import views

app_name = "inventory"
urlpatterns = [
    path("", views.panel, name="panel"),
    path("inventory/", views.order_list, name="order_list"),
    path("why/", views.find_why, name="find_why"),
    path("inventory/<int:number>/why/", views.order_why, name="order_why"),
    path("inventory/<int:number>/why/<int:enrolment>/", views.enrolment_why, name="enrolment_why"),
]
