from django.urls import path

from licenses import views

app_name = "licenses"
urlpatterns = [
    path("inventory/request/", views.order_request, name="order_request"),
    path("inventory/<int:number>/edit/", views.order_edit, name="order_edit"),
    path("inventory/<int:number>/withdraw/", views.order_withdraw, name="order_withdraw"),
    path("inventory/<int:number>/assign/", views.order_assign, name="order_assign"),
    path("inventory/<int:number>/take-back/", views.order_take_back, name="order_take_back"),
    path("inventory/<int:number>/suspend/", views.order_suspend, name="order_suspend"),
    path("inventory/<int:number>/resume/", views.order_resume, name="order_resume"),
    path("people/<int:pk>/password/", views.pupil_password, name="pupil_password"),
    path("transfers/", views.transfer_list, name="transfer_list"),
    path("transfers/download/", views.transfer_download, name="transfer_download"),
]
