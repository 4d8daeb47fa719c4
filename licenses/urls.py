from django.urls import path

from licenses import views

app_name = "licenses"
urlpatterns = [
    path("request/", views.order_request, name="order_request"),
    path("<int:number>/edit/", views.order_edit, name="order_edit"),
    path("<int:number>/withdraw/", views.order_withdraw, name="order_withdraw"),
]
